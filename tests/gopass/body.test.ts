import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddress, valueOfBody, writtenForm } from "../../src/gopass/body.js";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const valueOf = (shown: string) => Buffer.from(valueOfBody(latin1(shown))).toString("latin1");

/** What gopass does to a body on its way in and out, as seen with 1.16.1. */
function throughGopass({ command, input }: ReturnType<typeof writtenForm>): Buffer {
  if (command === "cat") {
    const encoded = Buffer.from(input).toString("base64");
    const header = '\nContent-Disposition: attachment; filename="STDIN"\nContent-Transfer-Encoding: Base64\n';
    return latin1(`${header}${encoded}\n`);
  }
  const lines = Buffer.from(input).toString("latin1").replace(/\n$/, "").split("\n");
  const kept = lines.map((line) => `${line.replace(/\r$/, "")}\n`).join("");
  return latin1(kept.replace(/^GOPASS-SECRET-1\.0\n/, ""));
}

describe("the value of a body", () => {
  test.each([
    ["pw\n", "pw"],
    ["pw\nuser: bob\n\n", "pw\nuser: bob\n"],
    ["\n", ""],
    ["no newline", "no newline"],
    ["", ""],
  ])("%j is %j: only the last newline goes", (shown, value) => {
    expect(valueOf(shown)).toBe(value);
  });

  test("gopass's binary form is decoded, in either spelling of its header", () => {
    expect(valueOf('\nContent-Disposition: attachment; filename="x"\nContent-Transfer-Encoding: Base64\nAAEC\n')).toBe(
      "\0\x01\x02",
    );
    expect(valueOf('\ncontent-transfer-encoding: Base64\ncontent-disposition: attachment; filename="x"\nAAEC\n')).toBe(
      "\0\x01\x02",
    );
    expect(valueOf("\nContent-Transfer-Encoding: Base64\n\n")).toBe("");
  });

  test.each([
    ["a first line that is not empty", "pw\nContent-Transfer-Encoding: Base64\nAAEC\n"],
    ["text after the Base64", "\nContent-Transfer-Encoding: Base64\nAAEC\nmore\n"],
    ["what is not quite Base64", "\nContent-Transfer-Encoding: Base64\nAAE\n"],
    ["bits that canonical Base64 leaves zero", "\nContent-Transfer-Encoding: Base64\nAAF=\n"],
    ["another encoding", "\nContent-Transfer-Encoding: 7bit\nAAEC\n"],
  ])("%s is text, not the binary form", (_name, shown) => {
    expect(valueOf(shown)).toBe(shown.slice(0, -1));
  });
});

describe("the form a value is written in", () => {
  test("text that gopass keeps is written as text", () => {
    const values = [
      "pw",
      "",
      "a\nb: c\n\n",
      "a\rb",
      "☃",
      "x gopass://y",
      "x ---\n ---",
      "-----BEGIN KEY-----\nAA\n-----END KEY-----",
    ];
    expect(values.filter((value) => writtenForm(Buffer.from(value)).command !== "insert")).toEqual([]);
  });

  test("what gopass would change, and what is no text, is written in its binary form", () => {
    const values = [
      "a\r\nb",
      "a\r",
      "pw\n---\na: 0123",
      "pw\n---",
      "---",
      "pw\n----",
      "pw\n-----BEGIN a: b-----",
      "gopass://x",
      "GOPASS-SECRET-1.0",
      "\0",
      "\xff",
      "\ncontent-transfer-encoding: base64\nAAEC",
    ];
    expect(values.filter((value) => writtenForm(latin1(value)).command !== "cat")).toEqual([]);
  });

  test("any bytes come back as they were", () => {
    const pieces = fc.constantFrom(
      "\n",
      "\r",
      "\r\n",
      "\0",
      "a",
      "key: v",
      "---",
      "gopass://",
      "GOPASS-SECRET-1.0\n",
      "\xff",
      "content-transfer-encoding: base64\n",
    );
    const texts = fc.array(pieces, { maxLength: 8 }).map((parts) => latin1(parts.join("")));
    fc.assert(
      fc.property(
        fc.oneof(
          texts,
          fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
        ),
        (value) => {
          expect(Buffer.from(valueOfBody(throughGopass(writtenForm(value))))).toEqual(Buffer.from(value));
        },
      ),
    );
  });
});

test("everything after the first `#` of a path is the key", () => {
  expect(parseAddress("a/b")).toEqual({ entry: "a/b", key: undefined });
  expect(parseAddress("a/b#user")).toEqual({ entry: "a/b", key: "user" });
  expect(parseAddress("a/b#x#y")).toEqual({ entry: "a/b", key: "x#y" });
  expect(parseAddress("a/b#")).toEqual({ entry: "a/b", key: "" });
});
