import { describe, expect, test } from "vitest";
import { binaryFormat, formatOfFile, sopsFormats } from "../../src/sops/formats.js";

const parse = (text: string) => formatOfFile("a.yaml").parse(Buffer.from(text), "a.yaml");

describe("an address", () => {
  const text = "a:\n  b: 1\nusers:\n- token: x\n- - y\n'0': zero\nn:\n---\nlater: 2\na: 3\n";

  test.each([
    ["a/b", ["a", "b"], "int"],
    ["users/0/token", ["users", 0, "token"], "str"],
    ["users/1/0", ["users", 1, 0], "str"],
    ["0", ["0"], "str"],
    ["later", ["later"], "int"],
    ["n", ["n"], "null"],
    ["a/c", ["a", "c"], undefined],
    ["users/2", ["users", 2], undefined],
    ["users/2/token", ["users", 2, "token"], undefined],
    ["x/0/y", ["x", "0", "y"], undefined],
    ["n/x", ["n", "x"], undefined],
  ])("%s", async (address, path, type) => {
    const found = (await parse(text)).locate(address);
    expect([found.path, found.leaf?.scalar.type]).toEqual([path, type]);
  });

  test.each([
    ["users", "`users` of `a.yaml` is a list, not a value"],
    ["users/0", "`users/0` of `a.yaml` is a map, not a value"],
    ["users/x", "`users` of `a.yaml` is a list, and `x` is no index"],
    ["users/01", "`users` of `a.yaml` is a list, and `01` is no index"],
    ["0/x", "`0` of `a.yaml` is a value, not a map or list"],
    ["sops/mac", "`sops/mac` is in the metadata of `a.yaml`, not among its values"],
  ])("%s is refused", async (address, message) => {
    const document = await parse(text);
    const locate = (): unknown => document.locate(address);
    expect(locate).toThrow(expect.objectContaining({ code: "invalid_input", message }));
  });

  test("of a key with a name of JavaScript's own is absent", async () => {
    const document = await parse("a: 1\n");
    const found = ["__proto__", "constructor", "toString/length"].map((name) => document.locate(name).leaf);
    expect(found).toEqual([undefined, undefined, undefined]);
  });
});

test("leaves know the comments in force at them, innermost first", async () => {
  const { leaves } = await parse("# a\n# b\nk:\n  # c\n  l: 1 # d\n  m: 2\nn: 3\n");
  const comments = leaves.map((leaf) => {
    const texts: string[] = [];
    for (let one = leaf.comments; one !== undefined; one = one.previous) texts.push(one.text.trim());
    return `${leaf.kind === "comment" ? "#" : leaf.path.join("/")}: ${texts.join(" ")}`;
  });
  expect(comments).toEqual(["#: a", "#: b a", "#: c b a", "#: d c b a", "k/l: d c b a", "k/m: b a", "n: "]);
});

test("a format is chosen by the end of a file's name, as sops chooses", () => {
  const names = ["a.yaml", "a.yml", "a.json", "a.env", ".env", "a.ini", "a.YAML", "a.txt", "env", "yaml"].map(
    (file) => formatOfFile(file).name,
  );
  expect(names).toEqual(["yaml", "yaml", "json", "dotenv", "dotenv", "ini", "binary", "binary", "binary", "binary"]);
  expect([...sopsFormats, binaryFormat].map(({ name }) => name)).toEqual(["yaml", "json", "dotenv", "ini", "binary"]);
});
