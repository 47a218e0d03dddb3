import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigurationError, InvalidInputError } from "../../src/errors.js";
import { addRefs, moveRefs } from "../../src/runtime/edit-config.js";
import { useConfigFiles } from "../support/edited-config.js";
import { rejection } from "../support/scratch.js";

const { fileWith, edited } = useConfigFiles();

const before = `# top
refs:
  first:
    store: red     # where
    policy: readers
  # the second
  second: { store: "red", path: a/b, policy: readers } # flow

stores: {}
`;

const ref = (name: string, store = "red") => ({ name, store, path: name, policy: "readers" });

describe("adding several refs", () => {
  it("adds them in their order and changes nothing else", async () => {
    const second = '  second: { store: "red", path: a/b, policy: readers } # flow\n';
    expect(await edited(before, (file) => addRefs(file, [ref("third"), { ...ref("fourth"), path: "x/y" }]))).toBe(
      before.replace(
        second,
        `${second}  third: { store: red, policy: readers }\n  fourth: { store: red, path: x/y, policy: readers }\n`,
      ),
    );
    expect(await edited("version: 1\n", (file) => addRefs(file, [ref("a"), ref("b")]))).toBe(
      "version: 1\nrefs:\n  a:\n    store: red\n    policy: readers\n  b:\n    store: red\n    policy: readers\n",
    );
  });

  it("leaves one that is there and says the same, and refuses one that says something else", async () => {
    const same = [ref("first"), { ...ref("second"), path: "a/b" }];
    expect(await edited(before, (file) => addRefs(file, same))).toBe(before);
    const file = fileWith(before);
    const error = await rejection(addRefs(file, [ref("third"), ref("second")]));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(fs.readFileSync(file, "utf8")).toBe(before);
  });
});

describe("moving refs to another store", () => {
  it("changes the names of their store and nothing else", async () => {
    expect(await edited(before, (file) => moveRefs(file, ["first", "second"], "blue"))).toBe(
      before.replace("store: red ", "store: blue ").replace('store: "red"', "store: blue"),
    );
  });

  it("refuses a name without a ref, and a configuration it cannot change safely", async () => {
    expect(await rejection(moveRefs(fileWith(before), ["first", "missing"], "blue"))).toBeInstanceOf(InvalidInputError);
    const shared = "refs:\n  a: &all { store: red, policy: readers }\n  b: *all\n";
    const file = fileWith(shared);
    expect(await rejection(moveRefs(file, ["b"], "blue"))).toBeInstanceOf(ConfigurationError);
    expect(await rejection(moveRefs(file, ["a"], "blue"))).toBeInstanceOf(ConfigurationError);
    expect(fs.readFileSync(file, "utf8")).toBe(shared);
  });
});
