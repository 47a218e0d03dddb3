import { execFileSync, spawnSync } from "node:child_process";
import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formsOf } from "../../src/redaction/forms.js";

const texts = (value: string | Uint8Array) => formsOf(Buffer.from(value)).map((form) => Buffer.from(form).toString());

const isWithoutPython = process.env["CI"] === undefined && spawnSync("python3", ["--version"]).status !== 0;

/** With every character that some format escapes, and one that is not ASCII. */
const awkward = "a b\"c'd\\e/f&g<h>i+j=k%l$m`n!o~p#q:r;s(t)u*v[w]x{y}z|0^1,2?3@4é5\t6\x1b7";

test.each<readonly [string, (value: string) => string]>([
  ["encodeURIComponent", encodeURIComponent],
  ["encodeURI", encodeURI],
  ["a form", (value) => new URLSearchParams({ v: value }).toString().slice(2)],
  ["JSON", (value) => JSON.stringify(value).slice(1, -1)],
  ["JSON in JSON", (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ["hexadecimal", (value) => Buffer.from(value).toString("hex")],
  ["upper case hexadecimal", (value) => Buffer.from(value).toString("hex").toUpperCase()],
  ["all percent-encoded", (value) => Buffer.from(value).toString("hex").replace(/../g, "%$&")],
  ["single quotes", (value) => value.replaceAll("'", "'\\''")],
  ["double quotes", (value) => value.replace(/["\\$`]/g, "\\$&")],
])("a value is found as %s writes it", (_, encode) => {
  expect(texts(awkward)).toContain(encode(awkward));
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 4, maxLength: 30 }), (value) => {
      fc.pre(!/^[\t\n\r ]|[\t\n\r ]$/.test(value) && [...value].length >= 4);
      expect(texts(value)).toContain(encode(value));
    }),
  );
});

test.skipIf(isWithoutPython).each([
  ["json.dumps", "import json,sys; print(json.dumps(sys.argv[1])[1:-1], end='')"],
  ["json.dumps of json.dumps", "import json,sys; print(json.dumps(json.dumps(sys.argv[1])[1:-1])[1:-1], end='')"],
  ["urllib's quote", "import urllib.parse,sys; print(urllib.parse.quote(sys.argv[1]), end='')"],
  ["urllib's quote_plus", "import urllib.parse,sys; print(urllib.parse.quote_plus(sys.argv[1]), end='')"],
  ["html.escape", "import html,sys; print(html.escape(sys.argv[1]), end='')"],
  ["saxutils", "import xml.sax.saxutils as x,sys; print(x.escape(sys.argv[1]), end='')"],
  ["shlex.quote", "import shlex,sys; print(shlex.quote(sys.argv[1])[1:-1], end='')"],
  ["repr", "import sys; print(repr(sys.argv[1])[1:-1], end='')"],
  ["repr of bytes", "import sys; print(repr(sys.argv[1].encode())[2:-1], end='')"],
  ["base64", "import base64,sys; print(base64.b64encode(sys.argv[1].encode()*1).decode().rstrip('=')[:-1], end='')"],
])("a value is found as Python's %s writes it", (_, program) => {
  const { stdout, stderr } = spawnSync("python3", ["-c", program, awkward], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(texts(awkward)).toContain(stdout);
});

test.each(["a'b\"c\\d", "a'b`c\"d\\e", "red\x1b[31mcolour\x7f", "tab\tand\bback\vand\fform"])(
  "a value with quotes or control characters is found as Node's inspect shows it (%#)",
  (value) => {
    expect(texts(value)).toContain(inspect(value).slice(1, -1));
  },
);

test.each([
  ["a value with every awkward character", awkward.replaceAll("\t", "").replaceAll("\x1b", "")],
  ["a value with control characters", awkward],
  ["a value that begins with a tilde", "~user:~/x=~y~z"],
])("%s is found as bash's printf %%q writes it", (_, value) => {
  for (const locale of ["C", "C.UTF-8"]) {
    const quoted = execFileSync("bash", ["-c", 'printf %q "$1"', "bash", value], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: locale },
    });
    expect(texts(value)).toContain(quoted.startsWith("$'") ? quoted.slice(2, -1) : quoted);
  }
});

test("of base64, in both alphabets and wherever the value begins, at most the characters at the edges are left", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 60 }),
      fc.uint8Array({ maxLength: 5 }),
      fc.uint8Array({ maxLength: 5 }),
      (value, before, after) => {
        fc.pre(![value[0], value.at(-1)].some((byte) => [9, 10, 13, 32].includes(byte ?? 0)));
        fc.pre(formsOf(value).length > 0);
        const whole = Buffer.concat([before, value, after]);
        const first = Math.ceil((before.length * 8) / 6);
        const last = Math.floor(((before.length + value.length) * 8) / 6);
        for (const alphabet of ["base64", "base64url"] as const) {
          expect(texts(value)).toContain(whole.toString(alphabet).slice(first, last));
        }
      },
    ),
  );
});

test("a long value is found in base64 that was broken into lines", () => {
  const value = Buffer.from(Array.from({ length: 100 }, (_, index) => index + 33));
  const wrap = (width: number, end: string) =>
    value
      .toString("base64")
      .replace(/=+$/, "")
      .slice(0, -1)
      .match(new RegExp(`.{1,${width}}`, "g"))
      ?.join(end);
  for (const form of [wrap(76, "\n"), wrap(64, "\n"), wrap(76, "\r\n")]) expect(texts(value)).toContain(form);
});

test("a value of several lines is also looked for line by line, and with other line ends", () => {
  const forms = texts("first line\nab\r\nsecond/line\n\n");
  expect(forms).toEqual(
    expect.arrayContaining([
      "first line\nab\r\nsecond/line",
      "first line\nab\nsecond/line",
      "first line\r\nab\r\nsecond/line",
      "first line\\nab\\nsecond/line",
      "first line",
      "second/line",
      "second%2Fline",
      Buffer.from("first line").toString("hex"),
    ]),
  );
  expect(forms).not.toContain("ab");
  expect(texts('{\n    "key": "value"\n    }\n}')).toContain('"key": "value"');
  expect(texts('{\n    "key": "value"\n    }\n}')).not.toContain("    }");
});

test("characters are counted in text and bytes in anything else; white space around them is none", () => {
  expect(texts("abc")).toEqual([]);
  expect(texts(" abc\t\r\n")).toEqual([]);
  expect(texts(" abcd ")).toEqual(texts("abcd"));
  expect(texts("éàü")).toEqual([]);
  expect(texts("😀😀😀")).toEqual([]);
  expect(texts("")).toEqual([]);
  expect(texts("abcd")).toContain("abcd");
  expect(texts("éàüö")).toContain("éàüö");
  expect(formsOf(Uint8Array.of(0xff, 0xfe, 0xfd))).toEqual([]);
  expect(formsOf(Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc))[0]).toEqual(Buffer.of(0xff, 0xfe, 0xfd, 0xfc));
});

test("a form is there once, and none is shorter than four bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), (value) => {
      const forms = formsOf(value).map((form) => Buffer.from(form).toString("latin1"));
      expect(new Set(forms).size).toBe(forms.length);
      expect(forms.every((form) => form.length >= 4)).toBe(true);
    }),
  );
});
