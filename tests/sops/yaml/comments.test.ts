import { expect, test } from "vitest";
import * as yaml from "yaml";
import { readYaml } from "../../../src/sops/yaml/read.js";
import { layOut } from "../../../src/sops/yaml/tree.js";
import { outline } from "../../support/sops-outline.js";

/** What the store of sops 3.13.2 makes of each text: comments among the values, where it puts them. */
const cases: readonly (readonly [string, string])[] = [
  ["# top\na: 1\n", "{#top a: 1}"],
  ["# top\n\n# head\na: 1\n", "{#top #head a: 1}"],
  ["a: 1 # line\n", "{#line a: 1}"],
  ["a: 1\n# foot\n", "{a: 1 #foot}"],
  ["a: 1\n\n# foot\n", "{a: 1 #foot}"],
  ["a: 1\n# head b\nb: 2\n", "{a: 1 #head b b: 2}"],
  ["a:\n  b: 1\n  # foot b\n# foot a\nc: 2\n", "{a: {b: 1 #foot b} #foot a c: 2}"],
  ["a: # line a\n  b: 1\n", "{#line a a: {b: 1}}"],
  ["a:\n  # head b\n  b: 1\n", "{a: {#head b b: 1}}"],
  ["a:\n    - 1\n    # c\n    - 2 # d\n    # e\nb: 3\n", "{a: [1 #c #d 2 #e] b: 3}"],
  ["a:\n- 1\n# c\n- 2\n# e\nb: 3\n", "{a: [1 #c 2] #e b: 3}"],
  ["a: # x\n  - 1\n", "{#x a: [1]}"],
  ["a: # x\n- b: 1\n  c: 2\n", "{#x a: [{b: 1 c: 2}]}"],
  ["a:\n  - # x\n    b: 1\n    c: 2\n  # y\n  - d: 1\n", "{a: [{#x b: 1 c: 2} #y {d: 1}]}"],
  ["a:\n  - b: 1\n    # z\n    c: 2\n    # w\n  # y\n  - d: 1\n", "{a: [{b: 1 #z c: 2 #w} #y {d: 1}]}"],
  ["# c\n---\n# d\na: 1\n# e\n---\n# f\nb: 2\n...\n# g\n", "{#c #d a: 1 #e} --- {#f b: 2 #g}"],
  ["a: {b: 1, c: 2} # x\n", "{a: {#x b: 1 c: 2}}"],
  ["a: {\n  # h\n  b: 1, # l\n  c: 2 # m\n  # f\n}\nd: 1\n", "{a: {#h #l b: 1 #m c: 2 #f} d: 1}"],
  ["a: [\n  # h\n  1, # l\n  2 # m\n  # f\n]\nd: 1\n", "{a: [#h #l 1 #m 2 #f] d: 1}"],
  ["a: |\n  x\n  y\n# c\nb: 1\n", "{a: x\\ny\\n #c b: 1}"],
  ["a: | # c\n  x\n  y\n\n# d\nb: 1\n", "{#c a: x\\ny\\n #d b: 1}"],
  ["a: &x 1\nb: *x # c\n", "{a: 1 #c b: 1}"],
  ["a: &x # c\n  k: 1\n  # d\nb: *x\n", "{a: {#c k: 1 #d} b: {#c k: 1 #d}}"],
  ["? a # x\n# y\n: b # z\n", "{#x #y #z a: b}"],
  ["a: 'x' # c\nb: \"y\" # d\n", "{#c a: x #d b: y}"],
  ["--- # c\na: 1\n", "{#c a: 1}"],
  ["a:\n\n  # x\n\n  # y\n\n  b: 1\n\n# z\n", "{a: {#x #y b: 1} #z}"],
  ["a:\n  b:\n    c: 1\n    # c\n  # b\n# a\n\n# t\nd: 1\n", "{a: {b: {c: 1 #c} #b} #a #t d: 1}"],
  ["a:\n  b: 1\n # odd\nc: 2\n", "{a: {b: 1 #odd} c: 2}"],
  ["a:\n  b:\n    c: 1\n   # odd\n # odder\nd: 2\n", "{a: {b: {c: 1 #odd}} #odder d: 2}"],
  ["a:\n  b:\n    c: 1\n\n   # odd\n\n # odder\n\nd: 2\n", "{a: {b: {c: 1 #odd}} #odder d: 2}"],
  ["a: x\n  y\n  # c\nb: 1\n", "{a: x y #c b: 1}"],
  ["a: 'x\n  y' # c\n# d\nb: 1\n", "{#c a: x y #d b: 1}"],
  ["a:\n  - - 1 # c\n    # d\n    - 2\n  # e\n  - 3\n", "{a: [[#c 1 #d 2] #e 3]}"],
  ["a:\r\n  b: 1 # c\r\n# d\r\nc: 2\r\n", "{a: {#c b: 1} #d c: 2}"],
  ["a: 1 # c\n# d\n\n# e\nb: 2\n", "{#c a: 1 #d #e b: 2}"],
  ["a:\n  # only\nb: 1\n", "{a: null #only b: 1}"],
  ["a: {}\nb: []\n# x\nc: {} # y\n", "{a: {} b: [] #x c: {#y}}"],
  ["a: [] # c\n# d\n", "{a: [#c] #d}"],
  ["a:\n-\n- # c\n- 1\n", "{a: [null null #c 1]}"],
  ["{a: 1,\n# c\n}\n# d\n", "{a: 1 #c #d}"],
  ["a:   # x\n   # y\n  b: 1\n", "{#x a: {#y b: 1}}"],
  ["a: 1\n  # indented\nb: 2\n", "{a: 1 #indented b: 2}"],
  ["a:\n  b: 1\n  # c\n\n  # d\n\n# e\nf: 1\n", "{a: {b: 1 #c} #d #e f: 1}"],
  ["a:\n    b: 1\n  # c\n  # d\n\n  # e\nf: 1\n", "{a: {b: 1} #c #d #e f: 1}"],
  ["key: >-\n  folded\n  text\n\n  more\n# after\nx: 1\n", "{key: folded text\\nmore #after x: 1}"],
  ["a: |+\n  x\n\n\n# c\nb: 1\n", "{a: x\\n\\n\\n #c b: 1}"],
  ["a: |\n  x\n # c\nb: 1\n", "{a: x\\n #c b: 1}"],
  ["a: # c\n", "{#c a: null}"],
  ["a:\n# c\n  b: 1\n", "{a: {#c b: 1}}"],
  ["a:\n# c\n- 1\n", "{a: [#c 1]}"],
  ["a: [1,2,\n  3] # c\n", "{a: [#c 1 2 3]}"],
  ["a: [{b: 1}, {c: [d]}]\n# z\n", "{a: [{b: 1} {c: [d]}] #z}"],
  ["a: {b: {c: 1 # d\n  }, # e\n  f: 2}\n", "{a: {b: {#e #d c: 1} f: 2}}"],
  ["a:\n  - # x\n  # y\n\n  - 1\n", "{a: [null #x #y 1]}"],
];

test.each(cases)("%j", (text, expected) => {
  const { roots } = layOut(yaml, readYaml(yaml, Buffer.from(text), "a.yaml"), "a.yaml");
  expect(roots.map(outline).join(" --- ")).toBe(expected);
});
