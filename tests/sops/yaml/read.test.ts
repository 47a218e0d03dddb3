import { describe, expect, test } from "vitest";
import * as yaml from "yaml";
import { readYaml } from "../../../src/sops/yaml/read.js";
import { layOut } from "../../../src/sops/yaml/tree.js";
import { outline } from "../../support/sops-outline.js";

const read = (text: string | Uint8Array) => layOut(yaml, readYaml(yaml, Buffer.from(text), "a.yaml"), "a.yaml").roots;

/** What the store of sops 3.13.2 makes of each text. */
test.each([
  ["a: &x 1\nb: *x\n", "{a: 1 b: 1}"],
  ["a: &x {k: 1}\nb: {<<: *x, l: 2}\n", "{a: {k: 1} b: {<<: {k: 1} l: 2}}"],
  ["a: &x 1\n---\nb: *x\n", "{a: 1} --- {b: 1}"],
  ["a: &x 1\nb: &x 2\nc: *x\n", "{a: 1 b: 2 c: 2}"],
  ["&k a: 1\nb: *k\n", "{a: 1 b: a}"],
  ["a: |\n  x\n  y\nb: >-\n  x\n  y\nc: |+\n  x\n\n", "{a: x\\ny\\n b: x y c: x\\n\\n}"],
  ["a: |\n  x", "{a: x}"],
  ["a: 'it''s'\nb: \"\\x41\\u00e9\\\n  z\"\n", "{a: it's b: Aéz}"],
  ["? a\n: b\n", "{a: b}"],
  ["a: [1, {b: 2}, c: 3]\n", "{a: [1 {b: 2} {c: 3}]}"],
  ["a: {}\nb: []\nc:\n", "{a: {} b: [] c: null}"],
  ["---\n---\na: 1\n...\n", "{} --- {a: 1}"],
  ["%YAML 1.1\n---\na: 1\n", "{a: 1}"],
  ["\uFEFFa: 1\n", "{a: 1}"],
  ["", ""],
])("%j", (text, expected) => {
  expect(read(text).map(outline).join(" --- ")).toBe(expected);
});

describe("what is refused, with its line and without its text", () => {
  test.each([
    ["a: 1\na: SECRET\n", 2],
    ['a: 1\n"a": SECRET\n', 2],
    ["a: 1\n---\nb:\n  c: 1\n  c: SECRET\n", 5],
    ["- SECRET\n", 1],
    ["SECRET\n", 1],
    ["a: 1\n2: SECRET\n", 2],
    ["a: 1\n~: SECRET\n", 2],
    ["a: 1\n[b]: SECRET\n", 2],
    ["a: 1\nb: *SECRET\n", 2],
    ["a: &x [*x]\n", 1],
    ["a: 1\nb: !!int SECRET\n", 2],
    ["a: 1\nb: !!binary SECRET!\n", 2],
    ["a: 9223372036854775808\n", 1],
    ["a: 1\nb: [SECRET\n", 3],
    ["a: 1\n b: SECRET\n", 1],
    ["a: 1\nb: 'SECRET\n", 3],
    ["a: SECRET: b\n", 1],
    ["a:\n\tb: SECRET\n", 2],
    ["%YAML 1.2\n---\na: SECRET\n", 2],
    ["a: 1\nb: x\ry\n", 2],
    ["a: 1\nb: 'x\u2028y'\n", 2],
    ["a: 1\n@: SECRET\n", 2],
  ])("%j", (text, line) => {
    const found = (): unknown => read(text);
    expect(found).toThrow(
      expect.objectContaining({ code: "integrity", problems: [expect.objectContaining({ line })] }),
    );
    expect(found).toThrow(expect.not.objectContaining({ message: expect.stringContaining("SECRET") }));
  });

  test("bytes that are no UTF-8", () => {
    expect(() => read(Buffer.from("a: \xff\n", "latin1"))).toThrow("expected valid UTF-8");
  });

  test("what is nested too deeply, in brackets or by indentation", () => {
    const indented = Array.from({ length: 250 }, (_, level) => `${" ".repeat(level)}k:`).join("\n");
    for (const text of [
      `a: ${"[".repeat(20_000)}`,
      `a: ${"{a: ".repeat(3000)}`,
      indented,
      // The library closes these by recursion: alone it would overflow the stack.
      `a:\n ${"- ".repeat(20_000)}x\nb: 1\n`,
    ]) {
      expect(() => read(text)).toThrow("expected at most 200 levels");
    }
  });

  test("more parts than can be read without a long wait, even if they say nothing", () => {
    const text = `a: 1\n${"\n".repeat(500_000)}`;
    expect(() => read(text)).toThrow("expected at most 500000 words, signs and line breaks");
  });

  test("aliases that stand for a flood of values", () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`,
    );
    expect(() => read(["l0: &l0 x", ...levels].join("\n"))).toThrow("aliases that stand for at most");
  });
});

test("a long file is read in time that grows with its length: keys, comments, blanks and runs of each", () => {
  const length = 30_000;
  const texts = [
    Array.from({ length }, (_, index) => `k${index}: v # c`).join("\n"),
    `a: 1\n${"# c\n".repeat(length)}b: 2\n`,
    `a:\n  b: 1\n${"# c\n  # d\n".repeat(length)}c: 2\n`,
    `a: 1\n${"\n".repeat(length)}b: 2\n`,
    `a: |\n${"  \n".repeat(length)}  x\n`,
    `a: [${"1, ".repeat(length)}]\n`,
    `a: ${" ".repeat(length)}1\n`,
    `a: "${"\\n".repeat(length)}"\n`,
  ];
  for (const text of texts) expect(read(text)).toHaveLength(1);
});
