import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encryptAgeToPassphrase } from "../../src/age/encrypt.js";
import { checkAgeTree, makeAgeTree, openAgeTree, plantAge, plantFile, recipientOf } from "../support/age-tree.js";
import { identityTextOf } from "../support/sealed-store.js";

const presenceOf = async (...[backend, paths]: Parameters<typeof checkAgeTree>) =>
  Object.fromEntries((await checkAgeTree(backend, paths)).presence);
const messagesOf = async (...args: Parameters<typeof checkAgeTree>) =>
  (await checkAgeTree(...args)).findings.map(({ message }) => message.replaceAll(/`\/[^`]*\//g, "`"));

describe("the check of an age tree", () => {
  it("tells present, absent and unreadable apart, and finds nothing where all is well", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value");
    expect(await checkAgeTree(openAgeTree(tree), ["a", "none"])).toEqual({
      findings: [],
      presence: new Map([
        ["a", "present"],
        ["none", "absent"],
      ]),
    });
    writeFileSync(tree.keyFile, `${identityTextOf("other")}\n`);
    expect(await presenceOf(openAgeTree(tree), ["a", "none"])).toEqual({ a: "unreadable", none: "absent" });
  });

  it("looks at the key of a file and not at its value", async () => {
    const tree = await makeAgeTree();
    const file = await plantAge(tree, "a", "value");
    truncateSync(file, 230);
    expect(await presenceOf(openAgeTree(tree), ["a"])).toEqual({ a: "present" });
  });

  it("says what is wrong with the directory, the key, a file and the recipients, and goes on", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value");
    plantFile(tree, "plain", Buffer.from("canary-91ab"));
    mkdirSync(join(tree.root, "folder.age"));
    rmSync(tree.keyFile);
    writeFileSync(join(tree.root, ".age-recipients"), "nonsense\n");
    const report = await checkAgeTree(openAgeTree(tree), ["a", "plain", "folder"]);
    expect(Object.fromEntries(report.presence)).toEqual({ a: "unreadable", plain: "unknown", folder: "unknown" });
    expect(report.findings).toMatchObject([
      { code: "locked", message: expect.stringContaining("is missing") },
      { message: expect.stringContaining(".age-recipients` line 1: expected an age recipient") },
      { code: "integrity", message: expect.stringContaining("plain.age`: it is damaged") },
      { code: "unavailable", message: expect.stringContaining("folder.age` is not a regular file") },
    ]);
    expect(JSON.stringify(report)).not.toContain("canary");
    const gone = await checkAgeTree(openAgeTree(tree, { root: "none" }), ["a"]);
    expect(gone.findings).toMatchObject([{ code: "unavailable", unavailable: "not_initialised" }]);
    expect(Object.fromEntries(gone.presence)).toEqual({ a: "unknown" });
  });

  it("warns once when nothing says who may read what is written", async () => {
    const tree = await makeAgeTree();
    rmSync(join(tree.root, ".age-recipients"));
    const { findings } = await checkAgeTree(openAgeTree(tree), ["a", "b"]);
    expect(findings).toMatchObject([{ severity: "warning", message: expect.stringContaining("no `.age-recipients`") }]);
  });

  it("asks nobody for the passphrase of an entry, and uses the one at hand", async () => {
    const askPassphrase = async () => {
      throw new Error("asked");
    };
    const tree = await makeAgeTree(["reader"], "x25519", { askPassphrase });
    plantFile(tree, "a", await encryptAgeToPassphrase(Buffer.from("v"), "correct horse", { workFactor: 4 }));
    expect(await presenceOf(openAgeTree(tree), ["a"])).toEqual({ a: "unknown" });
    for (const [passphrase, presence] of [
      ["correct horse", "present"],
      ["wrong", "unreadable"],
    ] as const) {
      const context = { ...tree.context, environment: { MXM_SECRETS_PASSPHRASE: passphrase } };
      expect(await presenceOf(openAgeTree({ context }), ["a"])).toEqual({ a: presence });
    }
  });

  it("stops when its signal fires", async () => {
    const tree = await makeAgeTree();
    const checking = openAgeTree(tree).check?.(["a"], { signal: AbortSignal.abort() }, new Map());
    await expect(checking).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("files that were not encrypted again after their recipients changed", () => {
  it("are found by how many recipients they have", async () => {
    const tree = await makeAgeTree(["reader", "team"]);
    await plantAge(tree, "a", "value", ["reader"]);
    expect(await messagesOf(openAgeTree(tree), ["a"])).toEqual([
      "stale: `a.age` is encrypted to 1 recipient, and 2 are named",
    ]);
    await plantAge(tree, "b/c", "value", ["reader", "team"]);
    writeFileSync(join(tree.root, "b/.age-recipients"), `${await recipientOf("reader")}\n`);
    expect(await messagesOf(openAgeTree(tree), ["b/c"])).toEqual([
      "stale: `c.age` is encrypted to 2 recipients, and 1 is named",
    ]);
  });

  it("are found by the kind of their recipients", async () => {
    const tree = await makeAgeTree(["reader"], "hybrid");
    await plantAge(tree, "a", "value", ["reader"]);
    expect(await messagesOf(openAgeTree(tree), ["a"])).toEqual([
      "stale: `a.age` is encrypted to another kind of recipients than those named",
    ]);
  });

  it("are found by this key, when only the others were exchanged for it or it for another", async () => {
    const tree = await makeAgeTree(["reader"]);
    await plantAge(tree, "a", "value", ["other"]);
    await plantAge(tree, "b/c", "value", ["reader"]);
    writeFileSync(join(tree.root, "b/.age-recipients"), `${await recipientOf("other")}\n`);
    expect(await messagesOf(openAgeTree(tree), ["a", "b/c"])).toEqual([
      "stale: `a.age` cannot be decrypted by this key, which is named",
      "stale: `c.age` can be decrypted by this key, which is not named any more",
    ]);
  });
});

describe("recipients that are not those of the policy", () => {
  it("are not looked for where no keyholder has an age key", async () => {
    const keyholders = [{ name: "bridge", gpg: "A".repeat(40), principals: [], write: false }];
    const tree = await makeAgeTree(["reader"], "x25519", { keyholders, keyholdersFor: () => keyholders });
    expect(await messagesOf(openAgeTree(tree), ["a"], new Map([["a", "loaders"]]))).toEqual([]);
  });

  it("are found in both directions", async () => {
    const holder = async (name: string) => ({ name, age: await recipientOf(name), principals: [], write: false });
    const keyholders = [await holder("reader"), await holder("team")];
    const tree = await makeAgeTree(["reader", "stranger"], "x25519", { keyholdersFor: () => keyholders });
    const stranger = await recipientOf("stranger");
    expect(
      await messagesOf(
        openAgeTree(tree),
        ["a", "b"],
        new Map([
          ["a", "loaders"],
          ["b", "loaders"],
        ]),
      ),
    ).toEqual([
      "under-shared: keyholder `team` may read what policy `loaders` protects, and `.age-recipients` does not name its key",
      `over-shared: \`.age-recipients\` names \`${stranger}\`, which no policy lets read what \`loaders\` protects`,
    ]);
  });
});
