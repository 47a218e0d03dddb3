import { generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formsOf } from "../../src/redaction/forms.js";
import { ContentScan } from "../../src/scan/content-scan.js";
import { compileMarks } from "../../src/scan/marks.js";
import { valueMarks } from "../../src/scan/value-marks.js";

/** How a value is found in contents: `LINE FORM`. */
function looker(value: string | Uint8Array) {
  const { marks, passed } = valueMarks([{ name: "token", value: Buffer.from(value) }]);
  expect(passed).toEqual([]);
  const scan = new ContentScan(compileMarks(marks));
  return (contents: string | Uint8Array) => {
    scan.write(Buffer.from(contents));
    return scan.end().map(({ line, mark }) => `${line} ${mark.form}`);
  };
}

const token = `db-${randomBytes(9).toString("base64url")}/"ü$ x`;

test.each<[string, (value: string) => string | Uint8Array]>([
  ["as it is", (value) => value],
  ["as it is", (value) => `TOKEN='${value}'\n`],
  ["base64", (value) => Buffer.from(value).toString("base64")],
  ["base64", (value) => Buffer.from(`user:${value}`).toString("base64")],
  ["base64", (value) => Buffer.from(`users:${value}@host`).toString("base64url")],
  ["hex", (value) => Buffer.from(value).toString("hex")],
  ["hex", (value) => Buffer.from(value).toString("hex").toUpperCase()],
  ["URL-encoded", (value) => `https://example.com/?token=${encodeURIComponent(value)}`],
  ["escaped", (value) => JSON.stringify({ value })],
  ["escaped", (value) => `export TOKEN=${value.replace(/["$ ]/g, "\\$&")}`],
  ["UTF-16", (value) => Buffer.from(`\ufeffkey: ${value}`, "utf16le")],
  ["UTF-16", (value) => Buffer.from(`key: ${value}`, "utf16le").swap16()],
])("a value is found %s (%#)", (form, write) => {
  const look = looker(token);
  expect(look(write(token))).toEqual([`1 ${form}`]);
  expect(look(write(token.replace(/[\w-]{4}/, "none")))).toEqual([]);
});

test("every form in which the redactor masks a value of one line is found", () => {
  const values = fc.string({ unit: "grapheme-ascii", minLength: 8, maxLength: 40 }).filter((value) => {
    return value.trim() === value && valueMarks([{ name: "token", value: Buffer.from(value) }]).passed.length === 0;
  });
  fc.assert(
    fc.property(values, fc.uint8Array({ maxLength: 5 }), (value, before) => {
      const look = looker(value);
      for (const form of formsOf(Buffer.from(value))) {
        expect(look(Buffer.concat([before, form, before]))).not.toEqual([]);
      }
    }),
  );
});

test("white space around a value does not count", () => {
  expect(looker(`  ${token}\r\n`)(`TOKEN="${token}"`)).toEqual(["1 as it is"]);
});

test("a value of several lines is found whatever the line ends of the copy", () => {
  const lines = ["a user", "in words", "and more"];
  const copies = (end: string) => [
    lines.join(end),
    JSON.stringify(lines.join(end)),
    Buffer.from(lines.join(end), "utf16le"),
  ];
  for (const end of ["\n", "\r\n"]) {
    const look = looker(lines.join(end));
    for (const copy of [...copies("\n"), ...copies("\r\n")]) expect(look(copy)).toHaveLength(1);
    expect(look(lines.join(" "))).toEqual([]);
  }
});

test("a binary value is found", () => {
  const value = randomBytes(24);
  expect(looker(value)(Buffer.concat([Buffer.from("\n\n"), value]))).toEqual(["3 as it is"]);
  expect(looker(value)(value.toString("base64"))).toEqual(["1 base64"]);
});

test("a private key is found indented, reflowed into one line, and in base64 broken into lines of any length", () => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const look = looker(privateKey);
  const bodyLines = privateKey.trimEnd().split("\n").slice(1, -1);
  // The last line is short, and may by chance look like a word.
  const telltale = bodyLines.filter((line) => line.length === 64).map((_line, index) => `${index + 3} a part of it`);
  const indented = privateKey.replace(/^/gm, "      ");
  const found = look(`key: |\n${indented}`);
  expect(found.slice(0, telltale.length)).toEqual(telltale);
  expect(found.length).toBeLessThanOrEqual(bodyLines.length);
  expect(look(JSON.stringify({ privateKey }))).toHaveLength(1);
  expect(look("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")).toEqual([]);
  for (const width of [48, 60, 64, 76]) {
    const broken = Buffer.from(privateKey)
      .toString("base64")
      .replace(new RegExp(`.{${width}}`, "g"), "$&\n");
    expect({ width, found: look(broken) }).toEqual({
      width,
      found: expect.arrayContaining([expect.stringMatching(/^\d+ base64$/)]),
    });
  }
});

test("the longest value makes no mark longer than a piece of it", () => {
  // Nothing in it is encoded in a URL: a piece of it that happens to be the same in both forms would be told as either.
  const value = randomBytes(48_000).toString("base64url");
  const { marks } = valueMarks([{ name: "token", value: Buffer.from(value) }]);
  expect(Math.max(...marks.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(512);
  expect(looker(value)(`x\n${value}\n`)).toEqual(["2 as it is"]);
});

test("a value that is everywhere is named with the reason, and makes no mark", () => {
  const values = ["true", "your-token-here", "postgres"].map((value, index) => ({
    name: `name_${index}`,
    value: Buffer.from(value),
  }));
  expect(valueMarks(values)).toEqual({
    marks: [],
    passed: [
      { name: "name_0", reason: "its value has fewer than 8 characters" },
      { name: "name_1", reason: "its value looks like a placeholder" },
      { name: "name_2", reason: "its value is a plain word or number of fewer than 12 characters" },
    ],
  });
});
