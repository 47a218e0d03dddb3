import { describe, expect, test } from "vitest";
import { readJson } from "../../../src/sops/json/read.js";
import { outline } from "../../support/sops-outline.js";

const read = (text: string) => readJson(Buffer.from(text), "a.json");

test.each([
  ['{"a":1}', "{a: 1}"],
  ['{"a":9223372036854775807,"b":9223372036854775808}', "{a: 9223372036854775807 b: 9223372036854776000}"],
  ['{"a":1.50,"b":1e3,"c":-0,"d":-0.0}', "{a: 1.5 b: 1000 c: 0 d: -0}"],
  ['{"a":[],"b":{},"c":[null,true,"x\\ny"]}', "{a: [] b: {} c: [null True x\\ny]}"],
  ['{"\\u00e9\\ud83d\\ude00":"\\ud800"}', "{é😀: \uFFFD}"],
  [' \r\n{ "a" : [ 1 , 2 ] }\n', "{a: [1 2]}"],
])("%s", (text, expected) => {
  expect(outline(read(text).root)).toBe(expected);
});

test("integers of 64 bits are integers, others are floats", () => {
  const types = read('{"a":-9223372036854775808,"b":-9223372036854775809,"c":1.0,"d":1e2}').root.items.map(
    (item) => item.kind === "entry" && item.value.kind === "scalar" && item.value.scalar.type,
  );
  expect(types).toEqual(["int", "float", "float", "float"]);
});

describe("what is refused, with its line and without its text", () => {
  test.each([
    ["[1]", 1],
    ["1", 1],
    ["", 1],
    ['{"a":1', 1],
    ['{"a":\n1\n"b"', 3],
    ['{"a":1,}', 1],
    ['{"a":1}\n{}', 2],
    ['{"a":1,\n"a":2}', 2],
    ['{"a":"SECRET\n"}', 1],
    ['{"a":"SECRET\\x"}', 1],
    ['{"a":"SECRET', 1],
    ['{"a":SECRET}', 1],
    ['{"a":01}', 1],
    ['{"a":+1}', 1],
    ['{"a":1e999}', 1],
    ['{"a":nul}', 1],
    ["{a:1}", 1],
    ["\uFEFF{}", 1],
  ])("%j", (text, line) => {
    const found = (): unknown => read(text);
    expect(found).toThrow(
      expect.objectContaining({ code: "integrity", problems: [expect.objectContaining({ line })] }),
    );
    expect(found).toThrow(expect.not.objectContaining({ message: expect.stringContaining("SECRET") }));
  });

  test("what is nested too deeply, however long it is", () => {
    const deep = [`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`, `{"a":${'{"a":'.repeat(100_000)}`];
    for (const text of deep) expect(() => read(text)).toThrow("expected at most 200 levels");
  });

  test("more values than can be read without a long wait", () => {
    expect(() => read(`{"a":[1${",1".repeat(200_000)}]}`)).toThrow("expected at most 200000 values and comments");
  });

  test("bytes that are no UTF-8", () => {
    expect(() => readJson(Buffer.from('{"a":"\xff"}', "latin1"), "a.json")).toThrow("expected valid UTF-8");
  });
});
