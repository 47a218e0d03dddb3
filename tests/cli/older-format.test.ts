import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeOlderStore, readOlderStore, writeOlderStore } from "../support/older-store.js";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;

async function useFiles() {
  const project = await useProject();
  return { ...project, file: (name: string) => join(project.directory, name) };
}

async function useOlder(values: Readonly<Record<string, string>>) {
  const project = await useFiles();
  makeOlderStore(project.directory, values);
  return project;
}

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

describe("a migration", () => {
  test("does not call a store migrated that is damaged or missing", { timeout }, async () => {
    const { run, file, shell } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    const token = readFileSync(file("secrets.enc"), "latin1");
    writeFileSync(file("secrets.enc"), token.slice(0, -4));
    expect(await run(["migrate", "--to", "fernet"])).toMatchObject({ status: 6 });
    writeFileSync(file("secrets.enc"), "");
    expect(await run(["migrate"])).toMatchObject({ status: 6 });
    await shell("rm secrets.enc");
    expect(await run(["migrate"])).toMatchObject({ status: 4 });
  });

  test("loses nothing that is set meanwhile", { timeout }, async () => {
    const { run } = await useOlder({ KEPT: "kept" });
    await run(["init"]);
    const names = Array.from({ length: 5 }, (_, index) => `key_${index}`);
    const sets = names.map((name) => run(["set", name, "--stdin"], { input: name }));
    const [migrated, ...ends] = await Promise.all([run(["migrate"]), ...sets]);
    expect(migrated).toMatchObject({ status: 0 });
    for (const end of ends) expect(end).toMatchObject({ status: 0, stderr: "" });
    const { stdout } = await run(["export", "--all", "--format", "json"]);
    const expected = Object.fromEntries(["kept", ...names].map((name) => [name.toUpperCase(), name]));
    expect(JSON.parse(stdout)).toEqual(expected);
    expect((await run(["check"])).stdout).toContain("enforcement cryptographic");
  });

  test("that somebody else made is not taken on another machine until somebody looks at it", { timeout }, async () => {
    const project = await useOlder({ A_KEY: "a" });
    const other = project.machine("other");
    await project.run(["init"]);
    await project.shell("cp -p mxm-secrets.yaml secrets.enc .key ../other/");
    expect((await other.run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await project.run(["migrate"])).toMatchObject({ status: 0 });
    await project.shell("cp mxm-secrets.yaml secrets.enc ../other/");
    expect(await other.run(["get", "a_key"])).toMatchObject({
      status: 6,
      stderr: expect.stringContaining("another store is in the place"),
    });
    expect(await other.run(["trust", "--store", "local", "--yes"])).toMatchObject({ status: 0 });
    expect(await other.run(["get", "a_key"])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("holds a key of the older format"),
    });
  });

  test("goes through no link that a checkout brought", { timeout }, async () => {
    const { run, shell } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    await shell("ln -s ../elsewhere .key.old");
    expect(await run(["migrate"])).toMatchObject({ status: 2, stderr: expect.stringContaining("symbolic link") });
    await shell("rm .key.old; mv .key ../kept; ln -s ../kept .key");
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await run(["rotate-key"])).toMatchObject({ status: 2, stderr: expect.stringContaining("symbolic link") });
  });

  test("names what had no name, under the policy given, and says what can have none", { timeout }, async () => {
    const { run, file } = await useOlder({ A_KEY: "a", B_KEY: "b", "1PASSWORD": "c" });
    await run(["init"]);
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const other = "  strict: { allowed_principals: [operator], actions: [read, write] }\n";
    writeFileSync(
      file("mxm-secrets.yaml"),
      text.replace(/ {2}b_key:.*\n/, "").replace("policies:\n", `policies:\n${other}`),
    );
    expect(await run(["migrate", "--policy", "nobody"])).toMatchObject({ status: 2 });
    const { status, stdout } = await run(["migrate", "--policy", "strict", "--json"]);
    expect({ status, said: JSON.parse(stdout) }).toMatchObject({
      status: 0,
      said: { format: "sealed", values: 3, added: ["b_key"], unnamed: ["1password"] },
    });
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect((await run(["get", "b_key"])).status).toBe(3);
    expect((await run(["get", "b_key", "--role", "operator"])).stdout).toBe("b\n");
    expect((await run(["keys", "list"])).stdout).toMatch(
      /compartment default {2}1 secret\n[^]*compartment strict {2}2 secrets/,
    );
  });

  test("of a second store leaves the keyholder of the first alone", { timeout }, async () => {
    const { run, directory, file, shell } = await useFiles();
    await run(["init"]);
    await run(["set", "first_key", "--stdin"], { input: "first" });
    await shell("mkdir older");
    makeOlderStore(join(directory, "older"), { SECOND_KEY: "second" });
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const store = "  older: { backend: sealed, path: older/secrets.enc }\n";
    writeFileSync(file("mxm-secrets.yaml"), text.replace("stores:\n", `stores:\n${store}`));
    expect(await run(["trust", "--store", "older", "--yes"])).toMatchObject({ status: 0 });
    expect(await run(["migrate", "--store", "older"])).toMatchObject({ status: 0 });
    const values = async (): Promise<unknown> =>
      JSON.parse((await run(["export", "--all", "--format", "json"])).stdout) as unknown;
    expect(await values()).toEqual({ FIRST_KEY: "first", SECOND_KEY: "second" });
    expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toContain("_older:\n    age: age1");
    expect(await run(["rotate-key", "--store", "local"])).toMatchObject({ status: 0 });
    expect(await values()).toEqual({ FIRST_KEY: "first", SECOND_KEY: "second" });
  });

  test("refuses a key that another store has too", { timeout }, async () => {
    const { run, file } = await useOlder({ A_KEY: "a" });
    await run(["init"]);
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    writeFileSync(
      file("mxm-secrets.yaml"),
      text.replace("stores:\n", "stores:\n  second: { backend: sealed, path: second.enc }\n"),
    );
    for (const argv of [
      ["migrate", "--store", "local"],
      ["rotate-key", "--store", "local"],
    ]) {
      const said = expect.stringContaining("is also the key of store `second`");
      expect(await run(argv)).toMatchObject({ status: 2, stderr: said });
    }
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
  });
});

describe("rotate-key of a sealed store", () => {
  test("replaces every identity that the store knows, and keeps the others in the file", { timeout }, async () => {
    const project = await useProject();
    const { run, directory } = project;
    const [stranger, second] = [project.machine("stranger"), project.machine("second")];
    for (const each of [project, stranger, second]) await each.run(["init"]);
    await run(["set", "a_key", "--stdin"], { input: "a" });
    const { recipient } = JSON.parse((await second.run(["keys", "public", "--json"])).stdout) as { recipient: string };
    await run(["keys", "add", "second", recipient, "--principals", "developer"]);
    const lines = [project, stranger, second].map((each) => readFileSync(join(each.directory, ".key"), "utf8"));
    writeFileSync(join(directory, ".key"), lines.join(""));
    expect(await run(["rotate-key"])).toMatchObject({ status: 0 });
    const identities = (text: string) => text.split("\n").filter((line) => line.startsWith("AGE-"));
    const present = identities(readFileSync(join(directory, ".key"), "utf8"));
    expect(present).toHaveLength(2);
    expect(present[1]).toBe(identities(lines[1] ?? "")[0]);
    expect((await run(["get", "a_key"])).stdout).toBe("a\n");
    expect((await run(["keys", "list"])).stdout.match(/recipient/g)).toHaveLength(1);
  });

  test("that was interrupted is told by check, and so are old keys that others can read", { timeout }, async () => {
    const { run, directory } = await useProject();
    const key = join(directory, ".key");
    await run(["init"]);
    await run(["set", "a_key", "--stdin"], { input: "a" });
    const before = readFileSync(key, "utf8");
    await run(["rotate-key"]);
    expect((await run(["check"])).stdout).not.toContain("warning");
    const after = readFileSync(key, "utf8");
    writeFileSync(key, `${before}# mxm-secrets: the key below takes the place of the one above\n${after}`);
    expect(await run(["check"])).toMatchObject({ status: 0, stdout: expect.stringContaining("was interrupted") });
    const { stdout } = await run(["rotate-key", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ finished: true });
    expect(readFileSync(key, "utf8")).toBe(after);
    chmodSync(`${key}.old`, 0o644);
    expect(await run(["check"])).toMatchObject({ status: 7, stdout: expect.stringContaining("chmod 600") });
  });

  test("leaves the other keyholders in, and is for writers only", { timeout }, async () => {
    const project = await useProject();
    const reader = project.machine("reader");
    await project.run(["init"]);
    await project.run(["set", "a_key", "--stdin"], { input: "a" });
    const share = () => project.shell("cp mxm-secrets.yaml secrets.enc ../reader/");
    await share();
    const recipient = JSON.parse((await reader.run(["keys", "init", "--json"])).stdout) as {
      readonly recipient: string;
    };
    const added = await project.run(["keys", "add", "reader", recipient.recipient, "--principals", "developer"]);
    expect(added).toMatchObject({ status: 0 });
    const before = readFileSync(join(project.directory, ".key"), "utf8");
    expect(await project.run(["rotate-key"])).toMatchObject({ status: 0 });
    await share();
    expect((await reader.run(["get", "a_key"])).stdout).toBe("a\n");
    for (const argv of [["rotate-key"], ["migrate", "--to", "fernet", "--yes"]]) {
      const end = await reader.run(argv);
      expect({ argv, ...end }).toMatchObject({
        argv,
        status: 3,
        stderr: expect.stringMatching(/^mxm-secrets: this key may not change/),
      });
    }
    expect((await reader.run(["get", "a_key"])).stdout).toBe("a\n");
    expect(await project.run(["check"])).toMatchObject({ status: 0 });
    // The old key opens the new file no more.
    writeFileSync(join(project.directory, ".key"), before);
    expect(await project.run(["get", "a_key"])).toMatchObject({ status: 5 });
    expect(await project.run(["set", "a_key", "--stdin"], { input: "b" })).toMatchObject({ status: 3 });
  });
});
