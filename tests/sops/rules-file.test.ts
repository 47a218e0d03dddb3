import { chownSync, lchownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { ruleFor } from "../../src/sops/rules-file.js";
import { scratchDirectory } from "../support/directory.js";

const rule = (recipient: string, regex = "") => `creation_rules: [{ path_regex: '${regex}', age: ${recipient} }]`;
const recipientFor = async (file: string, given?: string) =>
  (await ruleFor(file, given)).groups[0].map((key) => (key.kind === "age" ? key.recipient : key.kind));
const codeOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => "none",
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown.code : thrown;
};

describe("the rules for a new file", () => {
  test("are those of the nearest `.sops.yaml` upwards, even where none of them matches", async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "a/b"), { recursive: true });
    writeFileSync(join(directory, ".sops.yaml"), rule("age1outer"));
    expect(await recipientFor(join(directory, "a/b/c.yaml"))).toEqual(["age1outer"]);
    writeFileSync(join(directory, "a/.sops.yaml"), rule("age1inner", "^b/c"));
    expect(await recipientFor(join(directory, "a/b/c.yaml"))).toEqual(["age1inner"]);
    expect(await codeOf(ruleFor(join(directory, "a/b/d.yaml"), undefined))).toBe("configuration");
    expect(await recipientFor(join(directory, "a/b/d.yaml"), join(directory, ".sops.yaml"))).toEqual(["age1outer"]);
  });

  test("are compared with the whole path of a file outside their folder", async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "rules"));
    writeFileSync(join(directory, "rules/own.yaml"), rule("age1a", `^${directory}/secrets`));
    expect(await recipientFor(join(directory, "secrets.yaml"), join(directory, "rules/own.yaml"))).toEqual(["age1a"]);
  });

  test("may be a symbolic link, and are no directory, and not missing when they are named", async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "own.yaml"), rule("age1a"));
    symlinkSync("own.yaml", join(directory, ".sops.yaml"));
    expect(await recipientFor(join(directory, "a.yaml"))).toEqual(["age1a"]);
    expect(await codeOf(ruleFor(join(directory, "a.yaml"), join(directory, "none.yaml")))).toBe("configuration");
    expect(await codeOf(ruleFor(join(directory, "a.yaml"), directory))).toBe("unavailable");
  });

  test.skipIf(process.geteuid?.() !== 0)("are not those that another user left, unless they are named", async () => {
    const directory = scratchDirectory();
    const rules = join(directory, ".sops.yaml");
    writeFileSync(rules, rule("age1stranger"));
    chownSync(rules, 12_345, 12_345);
    expect(await codeOf(ruleFor(join(directory, "a.yaml"), undefined))).toBe("configuration");
    expect(await recipientFor(join(directory, "a.yaml"), rules)).toEqual(["age1stranger"]);
  });

  test.skipIf(process.geteuid?.() !== 0)("are not those of a directory or a link of another user's", async () => {
    const directory = scratchDirectory();
    const rules = join(directory, ".sops.yaml");
    writeFileSync(rules, rule("age1own"));
    expect(await recipientFor(join(directory, "a.yaml"))).toEqual(["age1own"]);
    chownSync(directory, 12_345, 12_345);
    expect(await codeOf(ruleFor(join(directory, "a.yaml"), undefined))).toBe("configuration");
    chownSync(directory, 0, 0);
    renameSync(rules, join(directory, "own.yaml"));
    symlinkSync("own.yaml", rules);
    lchownSync(rules, 12_345, 12_345);
    expect(await codeOf(ruleFor(join(directory, "a.yaml"), undefined))).toBe("configuration");
  });
});
