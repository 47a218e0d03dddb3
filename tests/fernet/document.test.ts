import fc from "fast-check";
import { expect, test } from "vitest";
import { marshalDocument, parseDocument, valuesIn, withoutValue, withValue } from "../../src/fernet/document.js";
import type { OlderDocument } from "../../src/fernet/document.js";
import { collidingNames, olderName } from "../../src/fernet/names.js";
import { scanObject } from "../../src/fernet/scan.js";

const parse = (text: string): OlderDocument => parseDocument(Buffer.from(text));
const valueIn = (document: OlderDocument, name: string): Buffer | undefined => valuesIn(document, [name])[0];
const text = (document: OlderDocument): string => marshalDocument(document).toString();

test("a document is written as Python's json.dumps with an indent of 2 writes it", () => {
  const document = withValue(withValue([], "openai-key", Buffer.from('a"\\/\n\r\t\b\f\0\x7fü€😀')), "B", Buffer.of());
  expect(text(document)).toBe(
    '{\n  "OPENAI_KEY": "a\\"\\\\/\\n\\r\\t\\b\\f\\u0000\\u007f\\u00fc\\u20ac\\ud83d\\ude00",\n  "B": ""\n}',
  );
  expect(text([])).toBe("{}");
  expect(text(parse("{}"))).toBe("{}");
});

test("what is not changed keeps its place and its spelling", () => {
  const written = '{"b": 1e400, "A": "\\u0041ü", "nested": {"x": [1, "}", 2.50]}, "n": null}';
  const document = parse(written);
  expect(text(withValue(document, "A", Buffer.from("new")))).toBe(
    '{\n  "b": 1e400,\n  "A": "new",\n  "nested": {"x": [1, "}", 2.50]},\n  "n": null\n}',
  );
  expect(text(withoutValue(document, "b") ?? [])).toContain('"A": "\\u0041ü"');
  expect(withoutValue(document, "c")).toBeUndefined();
});

test("a value that is no text is kept, and not read", () => {
  const document = parse('{"A": 1, "B": "\\ud800", "C": "c"}');
  expect(() => valueIn(document, "A")).toThrow("the value of `A` is not a text");
  expect(() => valueIn(document, "B")).toThrow("the value of `B` is not a text");
  expect(valueIn(document, "C")).toEqual(Buffer.from("c"));
  expect(valueIn(document, "D")).toBeUndefined();
});

test.each(["", "[]", '"a"', "{", '{"A": "a"} x', '{"A": "a",}', "{'A': 1}", '\uFEFF{"A": "a"}', '{"A": NaN}'])(
  "%j is no document",
  (written) => {
    expect(() => parse(written)).toThrow("is not a JSON object");
  },
);

test("invalid UTF-8 is no document, and a name that is there twice is refused", () => {
  expect(() => parseDocument(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow("is not a JSON object");
  expect(() => parse('{"A": "1", "\\u0041": "2"}')).toThrow("the name `A` is there twice");
});

test("two names that are one are refused by both their names", () => {
  const document = parse('{"API-KEY": "1", "API_KEY": "2", "C": "3"}');
  expect(() => valueIn(document, "api_key")).toThrow("`API-KEY` and `API_KEY` are one name, `API_KEY`");
  expect(() => withValue(document, "api/key", Buffer.from("x"))).toThrow("are one name");
  expect(valueIn(document, "c")).toEqual(Buffer.from("3"));
});

test("a value in any spelling of its name is found and replaced in its place", () => {
  const document = parse('{"my-key": "1", "B": "2"}');
  expect(valueIn(document, "my_key")).toEqual(Buffer.from("1"));
  expect(text(withValue(document, "my/key", Buffer.from("3")))).toBe('{\n  "my-key": "3",\n  "B": "2"\n}');
});

test("what the format cannot hold is refused by name, without the value", () => {
  expect(() => withValue([], "binary", Buffer.from([0xff, 0x73]))).toThrow("the value of `binary` is not UTF-8");
  expect(() => withValue([], "---", Buffer.from("x"))).toThrow("`---` cannot be a name in the older format");
});

test("names: upper case, other characters as one underscore, none at the ends", () => {
  expect(["openai_api_key", "prod/smtp-password", "__a..b__", "é", "1x"].map(olderName)).toEqual([
    "OPENAI_API_KEY",
    "PROD_SMTP_PASSWORD",
    "A_B",
    "",
    "1X",
  ]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => olderName(olderName(name)) === olderName(name)));
  expect(collidingNames(["a-b", "c", "a_b", "a-b"])).toEqual([["a-b", "a_b"]]);
});

test("names of which nothing is left are one with no other, and no path leads to them", () => {
  expect(collidingNames(["é", "---", "", "a"])).toEqual([]);
  const document = parseDocument(Buffer.from('{"é": "1", "К": "2"}'));
  expect(valueIn(document, "---")).toBeUndefined();
  expect(withoutValue(document, "---")).toBeUndefined();
});

test("any values come back, byte for byte, also a byte order mark", () => {
  const values = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9]{0,8}$/), fc.string({ unit: "binary" }), {
    maxKeys: 8,
  });
  fc.assert(
    fc.property(values, (given) => {
      const entries = Object.entries(given).map(([name, value]) => [name, Buffer.from(value)] as const);
      let document: OlderDocument = [];
      for (const [name, value] of entries) document = withValue(document, name, value);
      const read = parseDocument(marshalDocument(document));
      expect(marshalDocument(read)).toEqual(marshalDocument(document));
      for (const [name, value] of entries) expect(valueIn(read, name)).toEqual(value);
    }),
  );
  const marked = Buffer.from("\uFEFFx");
  expect(valueIn(parseDocument(marshalDocument(withValue([], "A", marked))), "A")).toEqual(marked);
});

test("any object is taken apart into members that are what it holds", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 2, "\t"), (object, indent) => {
      const members = scanObject(JSON.stringify(object, undefined, indent)) ?? [];
      const read = members.map(({ name, value }) => [JSON.parse(name), JSON.parse(value)] as const);
      expect(read).toEqual(Object.entries(object).map(([name, value]) => [name, JSON.parse(JSON.stringify(value))]));
    }),
  );
});
