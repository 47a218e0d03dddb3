import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { encryptAgeToPassphrase } from "../../src/age/encrypt.js";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { ageBackend } from "../../src/backends/age.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { withLock } from "../../src/files/lock.js";
import {
  deleteAge,
  makeAgeTree,
  openAgeTree,
  plantAge,
  plantFile,
  readAge,
  recipientOf,
  writeAge,
} from "../support/age-tree.js";
import type { AgeTree } from "../support/age-tree.js";
import { asNobody } from "../support/as-nobody.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { identityTextOf } from "../support/sealed-store.js";
import { stuckProgram } from "../support/watched-program.js";

const contractOptions = { root: "tree", key: "key.txt" };

async function contractStore(spoil: (tree: AgeTree, file: string) => void = () => undefined) {
  const tree = await makeAgeTree();
  spoil(tree, await plantAge(tree, "alpha", hiddenValue));
  return { options: contractOptions, context: tree.context };
}

function flipLastByte(file: string): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(file, bytes);
}

describe("the age backend keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: ageBackend,
    store: async () => ({ options: contractOptions, context: (await makeAgeTree()).context }),
    states: {
      denied: "the system refuses nothing to root, who may run this; as another user it is tried below",
      locked: async () => contractStore(({ keyFile }) => writeFileSync(keyFile, `${identityTextOf("other")}\n`)),
      unavailable: async () => contractStore(({ root }) => rmSync(root, { recursive: true })),
      corrupt: async () => contractStore((_, file) => flipLastByte(file)),
    },
    names: {
      held: ["a", "a/b", "A", "with space", "ключ", "-x", "a.age", "a#b", "x".repeat(234), `${"y/".repeat(200)}y`],
      refused: [
        ".age-recipients",
        ".git/config",
        "a/.b",
        "a.age/b",
        "a//b",
        "a/../b",
        "x".repeat(235),
        "é".repeat(118),
      ],
    },
    slow: async () => {
      const { directory, context } = await makeAgeTree();
      await plantAge({ root: join(directory, "tree") }, "alpha", "value");
      const { program, waiting, left } = stuckProgram(directory, "key");
      return { options: { ...contractOptions, key: { command: [program] } }, context, waiting, left };
    },
    concurrency: "files are read one after the other, and no program is run for them",
  });
  it.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("entries", () => {
  it("are files below the root, binary or armored, for this user alone", async () => {
    const tree = await makeAgeTree();
    await writeAge(openAgeTree(tree), "a/b", "binary");
    await writeAge(openAgeTree(tree, { armor: true }), "a/c", "armored");
    const [binary, armored] = ["b", "c"].map((name) => join(tree.root, `a/${name}.age`));
    expect(readFileSync(binary ?? "", "latin1")).toMatch(/^age-encryption\.org\/v1\n-> X25519 /);
    expect(readFileSync(armored ?? "", "latin1")).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(statSync(binary ?? "").mode & 0o777).toBe(0o600);
    expect(statSync(join(tree.root, "a")).mode & 0o777).toBe(0o700);
    expect(await readAge(openAgeTree(tree), "a/b")).toBe("binary");
    expect(await readAge(openAgeTree(tree), "a/c")).toBe("armored");
  });

  it("of post-quantum recipients are written and read as others are", async () => {
    const tree = await makeAgeTree(["reader", "other"], "hybrid");
    await writeAge(openAgeTree(tree), "a", "value");
    expect(readFileSync(join(tree.root, "a.age"), "latin1")).toMatch(/^age-encryption\.org\/v1\n-> mlkem768x25519 /);
    expect(await readAge(openAgeTree(tree), "a")).toBe("value");
  });

  it("for a passphrase are read with it, asked for once in a batch, and not asked for in vain", async () => {
    const questions: string[] = [];
    const askPassphrase = async (question: string) => {
      questions.push(question);
      return "correct horse";
    };
    const tree = await makeAgeTree(["reader"], "x25519", { askPassphrase });
    for (const name of ["a", "b"]) {
      const file = await encryptAgeToPassphrase(Buffer.from(name), "correct horse", { workFactor: 4 });
      plantFile(tree, name, file);
    }
    const backend = openAgeTree(tree, { key: undefined });
    const grants = ["a", "none", "b"].map((name) => issueGrantForContract(name, "read"));
    expect((await backend.readMany?.(grants, {}))?.map(String)).toEqual(["a", "undefined", "b"]);
    expect(questions).toEqual(["passphrase of the entries of `vault`"]);
    expect(await readAge(backend, "none")).toBeUndefined();
    expect(questions).toHaveLength(1);
  });

  it("for a passphrase are locked without one and with a wrong one", async () => {
    const tree = await makeAgeTree();
    plantFile(tree, "a", await encryptAgeToPassphrase(Buffer.from(hiddenValue), "correct horse", { workFactor: 4 }));
    await expect(readAge(openAgeTree(tree), "a")).rejects.toMatchObject({
      code: "locked",
      message: "entries of the store `vault` are protected by a passphrase",
    });
    const environment = { MXM_SECRETS_PASSPHRASE: "wrong words" };
    const backend = openAgeTree({ context: { ...tree.context, environment } });
    await expect(readAge(backend, "a")).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/a\.age`: it does not open with this passphrase$/),
    });
  });

  it("that are damaged, cut off or no age files are integrity errors which name the file", async () => {
    const tree = await makeAgeTree();
    for (const [name, spoil] of [
      ["flipped", flipLastByte],
      ["cut", (file: string) => truncateSync(file, 150)],
      ["empty", (file: string) => truncateSync(file, 0)],
      ["plain", (file: string) => writeFileSync(file, hiddenValue)],
    ] as const) {
      spoil(await plantAge(tree, name, "value"));
      await expect(readAge(openAgeTree(tree), name)).rejects.toMatchObject({
        code: "integrity",
        message: expect.stringContaining(`${name}.age\`: it is damaged: `),
      });
    }
  });

  it("are absent where there is only a folder of that name, and unavailable where something else has it", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "folder/a", "value");
    expect(await readAge(openAgeTree(tree), "folder")).toBeUndefined();
    expect(await readAge(openAgeTree(tree), "folder/a/b")).toBeUndefined();
    mkdirSync(join(tree.root, "directory.age"));
    execFileSync("mkfifo", [join(tree.root, "pipe.age")]);
    for (const name of ["directory", "pipe"]) {
      await expect(readAge(openAgeTree(tree), name)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("is not a regular file"),
      });
      await expect(writeAge(openAgeTree(tree), name, "v")).rejects.toMatchObject({ code: "unavailable" });
    }
    expect(lstatSync(join(tree.root, "pipe.age")).isFIFO()).toBe(true);
  });

  it("that are longer than any value are refused before they are read whole", async () => {
    const tree = await makeAgeTree();
    truncateSync(await plantAge(tree, "a", "value"), 40 * 1024 * 1024);
    await expect(readAge(openAgeTree(tree), "a")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("is longer than"),
    });
  });
});

describe("what the system does not let this user read", () => {
  it("is denied, and not absent", async () => {
    const tree = await makeAgeTree();
    const file = await plantAge(tree, "a", "value");
    await plantAge(tree, "folder/b", "value");
    const backend = openAgeTree(tree);
    expect([await readAge(backend, "a"), await readAge(backend, "folder/b")]).toEqual(["value", "value"]);
    chmodSync(tree.directory, 0o755);
    chmodSync(file, 0);
    chmodSync(join(tree.root, "folder"), 0);
    onTestFinished(() => chmodSync(join(tree.root, "folder"), 0o700));
    await asNobody(async () => {
      for (const use of [readAge(backend, "a"), readAge(backend, "folder/b"), backend.list?.({})]) {
        await expect(use).rejects.toMatchObject({
          code: "denied",
          message: expect.stringMatching(
            /^the system does not let this user read `.*(a\.age|folder\/|b\.age)`: permission/,
          ),
        });
      }
    });
  });
});

describe("symbolic links", () => {
  it("are followed within the root and no further by readers, and not at all by writers", async () => {
    const tree = await makeAgeTree();
    const outside = await plantAge({ root: tree.directory }, "outside", "outside");
    await plantAge(tree, "real/a", "inside");
    symlinkSync("real", join(tree.root, "alias"));
    symlinkSync("real/a.age", join(tree.root, "b.age"));
    symlinkSync(outside, join(tree.root, "c.age"));
    symlinkSync("..", join(tree.root, "up"));
    symlinkSync("nowhere", join(tree.root, "d.age"));
    symlinkSync("e.age", join(tree.root, "e.age"));
    const backend = openAgeTree(tree);
    for (const path of ["alias/a", "b"]) expect(await readAge(backend, path)).toBe("inside");
    for (const path of ["c", "up/outside", "d", "e"]) {
      await expect(readAge(backend, path)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(/symbolic link/),
      });
    }
    const before = readFileSync(outside);
    for (const path of ["alias/a", "alias/new", "b", "c", "up/outside", "d", "e", "up/new"]) {
      await expect(writeAge(backend, path, "v"), path).rejects.toMatchObject({ code: "unsupported" });
      await expect(deleteAge(backend, path), path).rejects.toMatchObject({
        code: "unsupported",
        message: `\`${path}\` is reached through a symbolic link, and is not written or removed there`,
      });
    }
    expect(readFileSync(outside).equals(before)).toBe(true);
    expect(await readAge(backend, "real/a")).toBe("inside");
    expect(readdirSync(tree.root).toSorted()).toEqual(
      [".age-recipients", "alias", "b.age", "c.age", "d.age", "e.age", "real", "up"].toSorted(),
    );
    expect(await backend.list?.({})).toEqual(["b", "c", "d", "e", "real/a"]);
  });

  it("may be the root, and may not be recipients from outside", async () => {
    const tree = await makeAgeTree();
    symlinkSync("tree", join(tree.directory, "link"));
    await writeAge(openAgeTree(tree, { root: "link" }), "a", "value");
    expect(await readAge(openAgeTree(tree), "a")).toBe("value");
    writeFileSync(join(tree.directory, "planted"), `${await recipientOf("stranger")}\n`);
    rmSync(join(tree.root, ".age-recipients"));
    symlinkSync("../planted", join(tree.root, ".age-recipients"));
    await expect(writeAge(openAgeTree(tree), "a", "v")).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("keys", () => {
  it("under a passphrase are asked for once in a batch of 200, however many values are read", async () => {
    const questions: string[] = [];
    const askPassphrase = async (question: string) => {
      questions.push(question);
      return "correct horse";
    };
    const tree = await makeAgeTree(["reader"], "x25519", { askPassphrase });
    const text = Buffer.from(`# mine\n${identityTextOf("other")}\n\n${identityTextOf("reader")}\n`);
    const armored = await encryptAgeToPassphrase(text, "correct horse", { workFactor: 4, armored: true });
    writeFileSync(tree.keyFile, armored, { mode: 0o600 });
    const names = Array.from({ length: 200 }, (_, index) => `many/${index}`);
    for (const name of names) await plantAge(tree, name, name);
    const values = await openAgeTree(tree).readMany?.(
      names.map((name) => issueGrantForContract(name, "read")),
      {},
    );
    expect(values?.map(String)).toEqual(names);
    expect(questions).toEqual([expect.stringMatching(/^passphrase of `.*key\.txt`$/)]);
  });

  it("from a program are had once, for all calls of an opened store", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value");
    const script = join(tree.directory, "give-key");
    writeFileSync(script, `#!/bin/sh\necho run >>'${tree.directory}/runs'\ncat '${tree.keyFile}'\n`);
    chmodSync(script, 0o755);
    const backend = openAgeTree(tree, { key: { command: [script] } });
    expect([await readAge(backend, "a"), await readAge(backend, "a")]).toEqual(["value", "value"]);
    expect(readFileSync(join(tree.directory, "runs"), "utf8")).toBe("run\n");
  });

  it("are not loaded for what is absent, and not to write", async () => {
    const tree = await makeAgeTree();
    rmSync(tree.keyFile);
    const backend = openAgeTree(tree);
    expect(await readAge(backend, "none")).toBeUndefined();
    await writeAge(backend, "a", "value");
    await expect(readAge(backend, "a")).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/key\.txt` of the store `vault` is missing$/),
    });
  });

  it("that git tracks stop every use of the store, also what needs no key", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value");
    const git = (...words: string[]) =>
      execFileSync("git", words, {
        cwd: tree.directory,
        env: { PATH: process.env["PATH"] ?? "", HOME: tree.directory },
      });
    git("init", "-q");
    git("add", "key.txt");
    const backend = openAgeTree(tree);
    const uses = [readAge(backend, "a"), writeAge(backend, "a", "v"), deleteAge(backend, "a"), backend.list?.({})];
    for (const use of uses) {
      await expect(use).rejects.toMatchObject({
        code: "configuration",
        message: `the key \`${tree.keyFile}\` is tracked by git`,
      });
    }
    git("rm", "-q", "--cached", "key.txt");
    expect(await readAge(backend, "a")).toBe("value");
  });

  it("that are none of an entry's recipients, or not configured, leave it locked", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value", ["stranger"]);
    await expect(readAge(openAgeTree(tree), "a")).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/a\.age`: it is for no identity that was given$/),
    });
    await expect(readAge(openAgeTree(tree, { key: undefined }), "a")).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/the store has no `key:`$/),
    });
  });
});

describe("writing", () => {
  it("encrypts to the nearest recipients upwards, and to no others", async () => {
    const tree = await makeAgeTree(["reader", "team"]);
    mkdirSync(join(tree.root, "team/own"), { recursive: true });
    writeFileSync(join(tree.root, "team/.age-recipients"), `${await recipientOf("team")}\r\n`);
    for (const path of ["a", "team/b", "team/own/c"]) await writeAge(openAgeTree(tree), path, path);
    const team = join(tree.directory, "team.txt");
    writeFileSync(team, identityTextOf("team"), { mode: 0o600 });
    expect(await readAge(openAgeTree(tree), "a")).toBe("a");
    for (const path of ["team/b", "team/own/c"]) {
      await expect(readAge(openAgeTree(tree), path)).rejects.toMatchObject({ code: "locked" });
      expect(await readAge(openAgeTree(tree, { key: "team.txt" }), path)).toBe(path);
    }
  });

  it("is refused without recipients, with none and with faulty ones, and the old value stays", async () => {
    const tree = await makeAgeTree();
    const file = join(tree.root, ".age-recipients");
    await writeAge(openAgeTree(tree), "a", "old");
    const cases: readonly (readonly [text: string | undefined, error: object])[] = [
      [undefined, { code: "unavailable", reason: "not_initialised" }],
      ["# nobody\n", { code: "invalid_input", message: expect.stringMatching(/ names no recipient$/) }],
      [
        "\nage1nonsense\n",
        { code: "invalid_input", message: expect.stringMatching(/ line 2: `age1nonsense` is not an age recipient$/) },
      ],
      [
        `${await recipientOf("reader")}\n${await recipientOf("reader", "hybrid")}\n`,
        { code: "invalid_input", message: expect.stringMatching(/ mixes post-quantum recipients with others$/) },
      ],
    ];
    for (const [text, error] of cases) {
      rmSync(file, { force: true });
      if (text !== undefined) writeFileSync(file, text);
      await expect(writeAge(openAgeTree(tree), "a", "new")).rejects.toMatchObject(error);
      expect(await readAge(openAgeTree(tree), "a")).toBe("old");
    }
  });

  it("leaves no other file behind, and clears away what a killed writer left", async () => {
    const tree = await makeAgeTree();
    for (const name of ["a.age.0123456789ab.tmp", "a.age.mine.tmp"]) writeFileSync(join(tree.root, name), "");
    await writeAge(openAgeTree(tree), "a", "value");
    expect(readdirSync(tree.root).toSorted()).toEqual([".age-recipients", "a.age", "a.age.mine.tmp"]);
  });

  it("waits for the writer that has the tree's lock", async () => {
    const tree = await makeAgeTree();
    let writing: Promise<void> | undefined;
    await withLock(join(tree.root, ".mxm-secrets"), async () => {
      writing = writeAge(openAgeTree(tree), "a", "value");
      await wait(200);
      expect(existsSync(join(tree.root, "a.age"))).toBe(false);
    });
    await writing;
    expect(await readAge(openAgeTree(tree), "a")).toBe("value");
  });

  it("by many at once loses none", async () => {
    const tree = await makeAgeTree();
    const paths = Array.from({ length: 10 }, (_, index) => `at/once/${index}`);
    await Promise.all(paths.map(async (path) => writeAge(openAgeTree(tree), path, path)));
    expect(await openAgeTree(tree).list?.({})).toEqual(paths);
  });
});

describe("a signal that has fired", () => {
  it("cancels every call before the directory is looked at", async () => {
    const backend = openAgeTree(await makeAgeTree(), { root: "none" });
    const call = { signal: AbortSignal.abort() };
    for (const work of [
      async () => backend.read(issueGrantForContract("a", "read"), call),
      async () => backend.write?.(issueGrantForContract("a", "write"), Buffer.of(1), call),
      async () => backend.delete?.(issueGrantForContract("a", "write"), call),
      async () => backend.list?.(call),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: "cancelled" });
    }
  });
});

describe("removing", () => {
  it("removes the folders that are empty then, and not the root", async () => {
    const tree = await makeAgeTree();
    await writeAge(openAgeTree(tree), "a/b/c", "value");
    await writeAge(openAgeTree(tree), "a/d", "value");
    expect(await deleteAge(openAgeTree(tree), "a/b/c")).toBe(true);
    expect(readdirSync(join(tree.root, "a"))).toEqual(["d.age"]);
    expect(await deleteAge(openAgeTree(tree), "a/d")).toBe(true);
    expect(readdirSync(tree.root)).toEqual([".age-recipients"]);
  });

  it("needs no key", async () => {
    const tree = await makeAgeTree();
    await plantAge(tree, "a", "value", ["stranger"]);
    expect(await deleteAge(openAgeTree(tree, { key: undefined }), "a")).toBe(true);
  });
});

describe("the list", () => {
  it("leaves out what is hidden or no entry, and says how many names cannot be addressed", async () => {
    const tree = await makeAgeTree();
    for (const path of ["b", "a/b", ".git/x", "a/.hidden", "back\\slash", "x.age/y"])
      plantFile(tree, path, Buffer.of());
    writeFileSync(join(tree.root, "README.md"), "");
    const lines: string[] = [];
    expect(await openAgeTree(tree).list?.({ trace: (line) => lines.push(line) })).toEqual(["a/b", "b"]);
    expect(lines).toEqual(["2 files of `vault` left out: their names cannot be addressed"]);
  });
});

describe("a store", () => {
  it("that has no directory is not initialised, so that a chain goes on", async () => {
    const tree = await makeAgeTree();
    const backend = openAgeTree(tree, { root: "none" });
    for (const work of [
      async () => readAge(backend, "a"),
      async () => backend.list?.({}),
      async () => writeAge(backend, "a", "v"),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: "unavailable", reason: "not_initialised" });
    }
    await expect(readAge(openAgeTree(tree, { root: "key.txt" }), "a")).rejects.toThrow(/is not a directory/);
  });

  it.each([
    [{ root: "" }, "root"],
    [{ root: "tree", armor: "yes" }, "armor"],
    [{ root: "tree", key: { fd: 1 } }, "key"],
  ])("with %j is a faulty configuration", (options, option) => {
    const context = { baseDirectory: scratchDirectory() };
    expect(() => openAgeTree({ context: isolatedContext(context) }, options)).toThrow(
      expect.objectContaining({ code: "configuration", message: expect.stringContaining(`stores.vault.${option}`) }),
    );
  });
});
