import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigurationError, InvalidInputError } from "../../src/errors.js";
import { addRef, removeKeyholder, removeRef, renameRef, setKeyholder } from "../../src/runtime/edit-config.js";
import { ageRecipient } from "../support/kinds.js";
import { useConfigFiles } from "../support/edited-config.js";

const { fileWith, edited } = useConfigFiles();

const red = { store: "red", policy: "readers" };

const block = `# top
stores: { red:   { backend: plain } } # odd   spacing
refs:
  # the first
  first:
    store: red     # where
    policy: readers
  # the second,
  # on two lines
  second:
    store: red
    path: "a/b"
    used_by:
      - x
      - y   # last

  third: { store: red, policy: readers } # flow

# after the refs
policies:
    readers: {allowed_principals: [a]}
`;

const add = (text: string, extra: object = {}): Promise<string> =>
  edited(text, (file) => addRef(file, "new_one", { ...red, ...extra }));
const remove = (text: string, name: string): Promise<string> => edited(text, (file) => removeRef(file, name));

describe("adding a ref", () => {
  it("puts one line in the style of its neighbours and changes nothing else", async () => {
    const third = "  third: { store: red, policy: readers } # flow\n";
    expect(await add(block, { path: "x/y z" })).toBe(
      block.replace(third, `${third}  new_one: { store: red, path: "x/y z", policy: readers }\n`),
    );
    const withoutThird = block.replace(third, "");
    expect(await add(withoutThird)).toBe(
      withoutThird.replace("- y   # last\n", "- y   # last\n  new_one:\n    store: red\n    policy: readers\n"),
    );
  });

  it.each([
    ["refs: {}\n", "refs:\n  new_one:\n    store: red\n    policy: readers\n"],
    [
      "refs: {} # none yet\npolicies: {}\n",
      "refs: # none yet\n  new_one:\n    store: red\n    policy: readers\npolicies: {}\n",
    ],
    ["refs:\npolicies: {}\n", "refs:\n  new_one:\n    store: red\n    policy: readers\npolicies: {}\n"],
    ["refs: # none\n", "refs: # none\n  new_one:\n    store: red\n    policy: readers\n"],
    [
      "refs: {a: {store: b, policy: c}}\n",
      "refs: {a: {store: b, policy: c}, new_one: { store: red, policy: readers }}\n",
    ],
    ["refs: { a: {}, }\n", "refs: { a: {}, new_one: { store: red, policy: readers }, }\n"],
    ["stores: {}", "stores: {}\nrefs:\n  new_one:\n    store: red\n    policy: readers\n"],
    ["", "refs:\n  new_one:\n    store: red\n    policy: readers\n"],
    [
      "refs:\r\n  a:\r\n    store: b\r\n    policy: c\r\nx: y\r\n",
      "refs:\r\n  a:\r\n    store: b\r\n    policy: c\r\n  new_one:\r\n    store: red\r\n    policy: readers\r\nx: y\r\n",
    ],
    [
      "refs:\n    a: { store: b, policy: c }",
      "refs:\n    a: { store: b, policy: c }\n    new_one: { store: red, policy: readers }",
    ],
    [
      "refs:\n  a:\n    store: b\n    description: |\n      text\n\n      more\nx: 1\n",
      "refs:\n  a:\n    store: b\n    description: |\n      text\n\n      more\n  new_one:\n    store: red\n    policy: readers\nx: 1\n",
    ],
  ])("works on %j", async (before, after) => {
    expect(await add(before)).toBe(after);
  });

  it("writes a path that looks like a variable so that it stays itself", async () => {
    expect(await add("refs: {}\n", { path: "a/${B}" })).toContain('path: "a/$${B}"');
  });

  it("refuses one that exists, and leaves the file alone", async () => {
    const file = fileWith(block);
    await expect(addRef(file, "third", red)).rejects.toThrow(InvalidInputError);
    expect(fs.readFileSync(file, "utf8")).toBe(block);
    expect(fs.readdirSync(path.dirname(file))).toEqual(["mxm-secrets.yaml"]);
  });

  it("refuses a file that is no YAML, or that is written in braces throughout, and leaves it alone", async () => {
    await expect(add("refs: {\n")).rejects.toThrow(ConfigurationError);
    await expect(add('{"stores": {}}')).rejects.toThrow(/without changing something else/);
  });

  it("keeps the mode of the file", async () => {
    const file = fileWith(block);
    fs.chmodSync(file, 0o640);
    await addRef(file, "new_one", red);
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
  });

  it("loses nothing when many are added at once", async () => {
    const file = fileWith("refs: {}\n");
    await Promise.all(Array.from({ length: 8 }, (_, index) => addRef(file, `n${index}`, red)));
    expect(fs.readFileSync(file, "utf8").match(/^ {2}n\d:$/gm)).toHaveLength(8);
  });
});

describe("removing a ref", () => {
  it("takes its lines and the comment directly above it, and nothing else", async () => {
    const start = block.indexOf("  # the second");
    const end = block.indexOf("\n  third:");
    expect(await remove(block, "second")).toBe(block.slice(0, start) + block.slice(end));
    expect(await remove(block, "third")).toBe(block.replace(/ {2}third.*\n/, ""));
  });

  it.each([
    ["refs:\n  a: { store: b, policy: c } # x\npolicies: {}\n", "refs: {}\npolicies: {}\n"],
    ["refs: # all\n  # one\n  a:\n    store: b\nx: 1\n", "refs: {} # all\nx: 1\n"],
    ["refs: {a: {store: b}, c: {store: d}}\n", "refs: {c: {store: d}}\n"],
    ["refs: {c: {store: d}, a: {store: b}}\n", "refs: {c: {store: d}}\n"],
    ["refs: {a: {store: b}}\n", "refs: {}\n"],
    ["refs:\n  # all of them\n  a: {store: b}\n  c: {store: d}\n", "refs:\n  # all of them\n  c: {store: d}\n"],
    ["refs:\n  c: {store: d}\n  a: {store: b}", "refs:\n  c: {store: d}\n"],
  ])("works on %j", async (before, after) => {
    expect(await remove(before, "a")).toBe(after);
  });

  it("says when there is none", async () => {
    const file = fileWith(block);
    expect(await removeRef(file, "fourth")).toBe(false);
    expect(await removeRef(file, "third")).toBe(true);
  });

  it("refuses when something else stands on it", async () => {
    const text = "refs:\n  a: &a { store: b }\n  c: *a\n";
    const file = fileWith(text);
    await expect(removeRef(file, "a")).rejects.toThrow(ConfigurationError);
    expect(fs.readFileSync(file, "utf8")).toBe(text);
  });
});

describe("renaming a ref", () => {
  it("keeps its place, its comments and its path", async () => {
    const rename = (from: string, follow?: "follow") =>
      edited(block, (file) => renameRef(file, from, "other", follow === undefined ? {} : { path: follow }));
    expect(await rename("second")).toBe(block.replace("  second:", "  other:"));
    expect(await rename("third")).toBe(
      block.replace("third: { store: red, policy: readers }", "other: { store: red, policy: readers, path: third }"),
    );
    expect(await rename("first")).toBe(
      block.replace("  first:", "  other:").replace("policy: readers\n", "policy: readers\n    path: first\n"),
    );
    expect(await rename("first", "follow")).toBe(block.replace("  first:", "  other:"));
  });

  it("refuses a name that is taken or not there", async () => {
    const file = fileWith(block);
    await expect(renameRef(file, "first", "second")).rejects.toThrow("the ref `second` exists already");
    await expect(renameRef(file, "fourth", "fifth")).rejects.toThrow("there is no ref `fourth`");
  });
});

describe("keyholders", () => {
  const keyholder = { age: ageRecipient, principals: ["a", "b"], write: true };

  it("are added, replaced and removed", async () => {
    const file = fileWith("refs: {}\n");
    const text = (): string => fs.readFileSync(file, "utf8");
    await setKeyholder(file, "web-01", keyholder);
    const first = `refs: {}\nkeyholders:\n  web-01:\n    age: ${ageRecipient}\n    principals: [a, b]\n    write: true\n`;
    expect(text()).toBe(first);
    await setKeyholder(file, "web-01", { age: ageRecipient, principals: [] });
    expect(text()).toBe(`refs: {}\nkeyholders:\n  web-01:\n    age: ${ageRecipient}\n    principals: []\n`);
    await setKeyholder(file, "bridge", { gpg: "0".repeat(40), principals: ["a"] });
    expect(text()).toContain(`  bridge:\n    gpg: "${"0".repeat(40)}"\n`);
    expect(await removeKeyholder(file, "web-01")).toBe(true);
    expect(await removeKeyholder(file, "web-01")).toBe(false);
    expect(text()).not.toContain("web-01");
  });

  it("in braces stay in braces", async () => {
    expect(
      await edited("keyholders: { a: { principals: [] } } # x\n", (file) => setKeyholder(file, "a", keyholder)),
    ).toBe(`keyholders: { a: { age: ${ageRecipient}, principals: [a, b], write: true } } # x\n`);
  });
});

it("undoes what it did, whatever the file looks like", async () => {
  const comment = fc.constantFrom("", "  # remark\n", "\n");
  const entry = fc.constantFrom(
    "{ store: red, policy: p }",
    "{store: red,\n    policy: p}",
    "\n    store: red\n    policy: p # x",
    "\n    store: red\n    used_by:\n    - a\n    - b: c",
    "&x { store: y }",
  );
  const tail = fc.constantFrom("", "# end\n", "policies: {}\n", "\n\npolicies:\n  p: {}\n");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(comment, entry), { minLength: 1, maxLength: 4 }),
      tail,
      async (entries, after) => {
        const text = `refs:\n${entries.map(([remark, value], index) => `${remark}  n${index}: ${value}\n`).join("")}${after}`;
        const result = await edited(text, async (file) => {
          await addRef(file, "new_one", red);
          await removeRef(file, "new_one");
        });
        expect(result).toBe(text);
      },
    ),
    { numRuns: 60 },
  );
});
