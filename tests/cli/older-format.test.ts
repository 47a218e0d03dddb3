import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { useFiles, useOlder } from "../support/older-project.js";
import { readOlderStore, writeOlderStore } from "../support/older-store.js";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;

describe("a directory with a store in the older format", () => {
  test("is adopted without a byte of store or key being changed", { timeout }, async () => {
    const { run, directory, file } = await useFiles();
    const values = '{"B_KEY": "b", "A_KEY": "a", "1PASSWORD": "no ref can have that name", "Ключ": "1", "é": "2"}';
    writeOlderStore(directory, Buffer.from(values));
    writeFileSync(file("secrets"), "# ours\nB_KEY=\n");
    const kept = ["secrets.enc", ".key", "secrets"].map((name) => [name, readFileSync(file(name))] as const);
    const { status, stdout } = await run(["init", "--json"]);
    expect({ status, said: JSON.parse(stdout) }).toEqual({
      status: 0,
      said: {
        created: [".gitignore", "mxm-secrets.yaml"],
        adopted: ["b_key", "a_key"],
        unnamed: ["1PASSWORD", "Ключ", "é"],
        format: "fernet",
      },
    });
    for (const [name, bytes] of kept) expect(readFileSync(file(name))).toEqual(bytes);
    expect((await run(["list"])).stdout).toBe("a_key\nb_key\n");
    expect((await run(["check"])).stdout).toContain("warning: `Ключ` has no letter or digit");
    expect(await run(["migrate"])).toMatchObject({ status: 6, stderr: expect.stringContaining("`Ключ`") });
    expect(readFileSync(file(".gitignore"), "utf8")).toContain("/.key\n");
  });

  test("is not adopted when its key is missing, open to others, wrong, or its store altered", { timeout }, async () => {
    const { run, file } = await useOlder({ A: "a" });
    const [key, token] = [".key", "secrets.enc"].map((name) => readFileSync(file(name), "utf8"));
    renameSync(file(".key"), file("kept"));
    expect(await run(["init"])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("its key `.key` is missing"),
    });
    renameSync(file("kept"), file(".key"));
    chmodSync(file(".key"), 0o644);
    expect(await run(["init"])).toMatchObject({ status: 5, stderr: expect.stringContaining("chmod 600") });
    chmodSync(file(".key"), 0o600);
    writeFileSync(file(".key"), `${"A".repeat(43)}=`);
    expect(await run(["init"])).toMatchObject({ status: 6, stderr: expect.stringContaining("belongs to another key") });
    writeFileSync(file(".key"), "not a key");
    expect(await run(["init"])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("no key of the older format"),
    });
    writeFileSync(file(".key"), key ?? "");
    writeFileSync(file("secrets.enc"), (token ?? "").slice(0, -8));
    expect(await run(["init"])).toMatchObject({
      status: 6,
      stderr: expect.stringContaining("not one whole Fernet token"),
    });
    expect((await run(["list"])).status).toBe(2);
  });

  test("is not adopted while two of its names are one", { timeout }, async () => {
    const { run, directory } = await useProject();
    writeOlderStore(directory, Buffer.from('{"api-key": "1", "API_KEY": "2"}'));
    expect(await run(["init"])).toMatchObject({
      status: 6,
      stderr: expect.stringContaining("`api-key` and `API_KEY`"),
    });
  });
});

describe("a store in the older format", () => {
  test("is read and written by every command, and stays one", { timeout }, async () => {
    const { run, directory, file } = await useOlder({ FIRST_KEY: "first" });
    await run(["init"]);
    const value = 'lines\nand "ü€😀"\t\\';
    expect(await run(["set", "second_key", "--stdin"], { input: value })).toMatchObject({ status: 0, stderr: "" });
    expect((await run(["get", "SECOND_KEY", "--no-newline"])).stdout).toBe(value);
    expect(await run(["mv", "second_key", "other_key"])).toMatchObject({ status: 0 });
    expect(await run(["edit", "first_key"], { env: { EDITOR: "printf more >>" } })).toMatchObject({ status: 0 });
    expect(readOlderStore(directory)).toEqual({ FIRST_KEY: "firstmore", OTHER_KEY: value });
    const shown = await run(["run", "--all", "--no-masking", "--", "sh", "-c", 'printf %s "$OTHER_KEY$FIRST_KEY"']);
    expect(shown).toMatchObject({ status: 0, stdout: `${value}firstmore` });
    expect(await run(["rm", "other_key", "--yes"])).toMatchObject({ status: 0 });
    expect(await run(["get", "other_key"])).toMatchObject({ status: 2 });
    expect(readFileSync(file("secrets.enc"), "latin1")).toMatch(/^gAAAA[\w-]+=*$/);
    const report = JSON.parse((await run(["check", "--json"])).stdout) as { readonly stores: readonly unknown[] };
    expect(report).toMatchObject({
      ok: true,
      stores: [{ enforcement: "advisory", findings: [{ severity: "warning" }] }],
    });
    expect((await run(["explain", "first_key", "--json"])).stdout).toContain('"enforcement": "advisory"');
  });

  test("keeps what this program does not read, and says so", { timeout }, async () => {
    const { run, directory, file } = await useFiles();
    writeOlderStore(directory, Buffer.from('{"A_KEY": "a", "COUNT": 1.50, "NEST": {"x": [null]}}'));
    await run(["init"]);
    expect(await run(["set", "a_key", "--stdin"], { input: "b" })).toMatchObject({ status: 0 });
    expect(await run(["get", "count"])).toMatchObject({
      status: 6,
      stderr: expect.stringContaining("`COUNT` is not a text"),
    });
    expect((await run(["check"])).stdout).toContain("warning: the value of `NEST` is not a text");
    expect(readOlderStore(directory)).toEqual({ A_KEY: "b", COUNT: undefined, NEST: undefined });
    expect(await run(["migrate"])).toMatchObject({ status: 6, stderr: expect.stringContaining("`COUNT`") });
    expect(await run(["set", "a_key", "--stdin"], { input: Buffer.from([0xff]) })).toMatchObject({ status: 2 });
    expect(readFileSync(file("secrets.enc"), "latin1")).toMatch(/^gAAAA/);
  });

  test("refuses two paths that are one name, also through a chain", { timeout }, async () => {
    const { run, file, directory } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const chain = "  both: { backend: chain, stores: [local], write_to: local }\n";
    const ref = "  other: { store: both, path: a/key, policy: default }\n";
    writeFileSync(
      file("mxm-secrets.yaml"),
      text.replace("stores:\n", `stores:\n${chain}`).replace("refs:\n", `refs:\n${ref}`),
    );
    for (const argv of [
      ["set", "other", "--stdin"],
      ["get", "other"],
      ["get", "a_key"],
      ["rm", "a_key", "--yes", "--force"],
    ]) {
      const end = await run(argv, { input: "b" });
      expect({ argv, ...end }).toMatchObject({
        argv,
        status: 2,
        stderr: expect.stringContaining("are one name, `A_KEY`"),
      });
    }
    expect(await run(["check"])).toMatchObject({ status: 7, stdout: expect.stringContaining("are one name") });
    expect(readOlderStore(directory)).toEqual({ A_KEY: "a" });
  });

  test("loses nothing when many commands write it at once", { timeout }, async () => {
    const { run, directory } = await useOlder({ KEPT: "kept" });
    await run(["init"]);
    const names = Array.from({ length: 5 }, (_, index) => `key_${index}`);
    const ends = await Promise.all(names.map((name) => run(["set", name, "--stdin"], { input: name })));
    for (const end of ends) expect(end).toMatchObject({ status: 0, stderr: "" });
    const expected = Object.fromEntries(names.map((name) => [name.toUpperCase(), name]));
    expect(readOlderStore(directory)).toEqual({ KEPT: "kept", ...expected });
  });

  test.skipIf(isWithoutGit)("is refused while git tracks its key", { timeout }, async () => {
    const { run, shell } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    await shell("git init -q; git add -f .key");
    for (const argv of [["get", "a_key"], ["set", "a_key", "--stdin"], ["migrate"], ["rotate-key"]]) {
      const end = await run(argv, { input: "x" });
      expect({ argv, ...end }).toMatchObject({ argv, status: 2, stderr: expect.stringContaining("tracked by git") });
    }
  });
});

describe("an option that would mean nothing", () => {
  test("is refused, beside a key that is there and in the older format", { timeout }, async () => {
    const { run, file } = await useOlder({ A_KEY: "a" });
    for (const option of ["--passphrase", "--post-quantum"]) {
      const refused = await run(["init", option]);
      expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("`.key` is here already") });
    }
    await run(["init"]);
    for (const argv of [
      ["rotate-key", "--post-quantum"],
      ["migrate", "--to", "fernet", "--post-quantum"],
      ["migrate", "--to", "fernet", "--policy", "default"],
      ["init", "--force", "--passphrase"],
    ]) {
      const end = await run(argv);
      expect({ argv, ...end }).toMatchObject({ argv, status: 2, stderr: expect.stringMatching(/older|already/) });
    }
    expect(readFileSync(file(".key"), "latin1")).toHaveLength(44);
  });
});
