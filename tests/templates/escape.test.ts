import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { escapeNamed, escapes, quoteFinder } from "../../src/templates/escape.js";

const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "&", "<", ">", "%", "!", "*", "#", "a", "\t", "\r"),
  }),
);
const isWritable = (name: keyof typeof escapes) => (text: string) => escapes[name].fault(text) === undefined;

/** What an XML reader makes of text and of an attribute: line breaks are normalised before references are read. */
function readXml(source: string, isAttribute: boolean): string {
  expect(source).not.toMatch(/[<>"']|&(?!#\d+;)/);
  const ends = source.replace(/\r\n?|[\u0085\u2028]/g, "\n");
  const normalised = isAttribute ? ends.replace(/[\t\n]/g, " ") : ends;
  return normalised.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

describe("a value that is escaped is read as it was", () => {
  test("by JSON.parse", () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(JSON.parse(`"a${escapes.json.write(text)}b"`)).toBe(`a${text}b`);
      }),
    );
  });

  test("by a YAML reader, of 1.2 and of 1.1", () => {
    fc.assert(
      fc.property(value, (text) => {
        const source = `key: ${escapes.yaml.write(text)} # remark\n`;
        expect(parse(source)).toEqual({ key: text });
        expect(parse(source, { version: "1.1" })).toEqual({ key: text });
      }),
    );
  });

  test("by a shell", () => {
    const texts = fc.sample(value.filter(isWritable("shell")), 400);
    const script = texts.map((text) => `printf '%s\\0' a${escapes.shell.write(text)}b\n`).join("");
    const { stdout, status } = spawnSync("/bin/sh", ["-s"], { input: script, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.split("\0").slice(0, -1)).toEqual(texts.map((text) => `a${text}b`));
  });

  test("from a URL, in which it has no other character than the unreserved", () => {
    fc.assert(
      fc.property(value, (text) => {
        const written = escapes.url.write(text);
        expect(written).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(written)).toBe(text);
      }),
    );
    expect(new URL(`https://u:${escapes.url.write("p@:/?#[]!'()*+ ü")}@h/`).hostname).toBe("h");
  });

  test("by an XML reader, as text and in an attribute", () => {
    fc.assert(
      fc.property(value.filter(isWritable("xml")), (text) => {
        expect(readXml(escapes.xml.write(text), false)).toBe(text);
        expect(readXml(escapes.xml.write(text), true)).toBe(text);
      }),
    );
  });
});

test("what a syntax cannot hold is named", () => {
  expect(escapes.shell.fault("a\0")).toBe("a NUL character");
  for (const unit of ["\0", "\u0008", "\u000b", "\u000c", "\u001f", "\ufffe", "\uffff"]) {
    expect(escapes.xml.fault(`a${unit}`)).toBe("a character that XML cannot hold");
  }
  expect(escapes.xml.fault("\t\n\r \u007f\ud7ff😀\ufffd")).toBeUndefined();
  expect(["json", "toString", ""].map(escapeNamed)).toEqual(["json", undefined, undefined]);
});

test("quotes are found on each line by itself", () => {
  const text = `a "b 'c" 'd " e' \\" f \\\\"g\n'h\ni "j\\"k" '\\' l\\\nm`;
  const quoteAt = quoteFinder(text);
  const found = [..."abcdefghijklm"].map((letter) => `${letter}${quoteAt(text.indexOf(letter)) ?? ""}`);
  expect(found.join(" ")).toBe(`a b" c" d' e' f g" h' i j" k" l m`);
});
