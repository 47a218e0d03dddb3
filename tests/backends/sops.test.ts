import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { ContractStore } from "../../src/backends/contract-setup.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { sopsBackend } from "../../src/backends/sops.js";
import type { Keyholder } from "../../src/domain/keyholder.js";
import { ConfigurationError } from "../../src/errors.js";
import { openStoredFile, parseStoredFile } from "../../src/sops/file.js";
import { formatOfFile } from "../../src/sops/formats.js";
import { findIdentities } from "../../src/sops/identity-sources.js";
import { isolatedContext } from "../support/context.js";
import { canary, failure, makeUser, openSops, read, remove, sopsUser, write } from "../support/sops.js";
import type { SopsUser } from "../support/sops.js";
import { encryptDocument } from "../support/sops-encrypt.js";

const text = (value: string) => new TextEncoder().encode(value);
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
const texts = [
  text("plain"),
  text(""),
  text("one\ntwo\n"),
  text("snowman ☃ 𝄞"),
  text(" \t\r\n# : - '\"\\n\u0001\u0000"),
];

/** A file of the contract's own, and the user that it is for. */
interface ContractFile extends ContractStore {
  readonly user: SopsUser;
  readonly file: string;
}

const formats = [
  {
    name: "yaml",
    paths: ["database/password", "api/token", "users/admin/key"],
    held: ["a", "a b/c.d/e_f", "0/1", "tls.crt", "ключ/☃", "sops_key", "x".repeat(900)],
  },
  {
    name: "json",
    paths: ["database/password", "api/token", "users/admin/key"],
    held: ["a", "a b/c.d/e_f", "0/1", "tls.crt", "ключ/☃", "x".repeat(900)],
  },
  { name: "env", paths: ["DATABASE_PASSWORD", "API_TOKEN", "KEY"], held: ["A", "lower_case", "_", "A1"] },
  {
    name: "ini",
    paths: ["database/password", "api/token", "users/key"],
    held: ["a/b", "section/KEY", "section two/key_1"],
  },
] as const;

describe.each(formats)("a $name file keeps the contract of every backend", ({ name, paths, held }) => {
  const base = mkdtempSync(join(tmpdir(), "mxm-sops-contract-"));
  afterAll(() => rmSync(base, { recursive: true, force: true }));
  const fresh = async (): Promise<ContractFile> => {
    const user = await makeUser(mkdtempSync(join(base, "user-")));
    const file = join(user.directory, `secrets.${name}`);
    return { user, file, options: { path: file, key: user.keyFile } };
  };
  const filled = async () => {
    const store = await fresh();
    await write(openSops(store.user, store.file), paths[0], hiddenValue);
    return store;
  };
  const cases = backendContract({
    definition: sopsBackend,
    store: fresh,
    paths: [...paths],
    values: texts,
    names: { held, refused: ["a//b", "/a", "a/../b", "a\\b", "a\nb", ""] },
    // The whole limit takes seconds: once is enough.
    ...(name === "yaml" ? {} : { largest: 256 * 1024 }),
    states: {
      denied: "a file has no server that could refuse",
      locked: async () => {
        const { file } = await filled();
        const { keyFile } = await makeUser(mkdtempSync(join(base, "other-")));
        return { options: { path: file, key: keyFile } };
      },
      unavailable: async () => {
        const store = await filled();
        rmSync(store.file);
        mkdirSync(store.file);
        return store;
      },
      corrupt: async () => {
        const store = await filled();
        flipMac(store.file);
        return store;
      },
    },
    slow: "a file is read and decrypted in one step; with PGP, gpg may wait: tests/backends/sops.real.test.ts",
    concurrency: "a file is opened once for all the values asked for",
  });
  test.each(cases.map(({ name: promise, run }) => [promise, run] as const))("%s", async (_promise, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

/** The bytes of a YAML file with these values, and the keys and rules of one that is there. */
async function yamlOf(user: SopsUser, file: string, plain: string): Promise<Uint8Array> {
  const { format, opened } = await openForTest(user, file);
  return encryptDocument(await format.parse(Buffer.from(plain), file), opened.metadata, opened.key);
}

async function openForTest(user: SopsUser, file: string) {
  const format = formatOfFile(file);
  const key = { kind: "file", file: user.keyFile, passphrase: undefined } as const;
  const surroundings = { baseDirectory: user.directory, environment: {}, allowInsecurePermissions: false };
  const identities = findIdentities({ key, runsKeyCommand: false, surroundings });
  const tools = { identities, gpg: { program: "gpg", environment: {} }, signal: undefined };
  const opened = await openStoredFile(await parseStoredFile(format, readFileSync(file), file), tools, file);
  return { format, opened };
}

/** Changes one bit of the MAC's tag. */
function flipMac(file: string): void {
  const before = readFileSync(file, "utf8");
  const changed = before.replace(
    /(mac["=: ]*ENC\[[^\]]*tag:)(.)/,
    (_all, start: string, first: string) => start + (first === "A" ? "B" : "A"),
  );
  expect(changed).not.toBe(before);
  writeFileSync(file, changed);
}

test("a binary file holds one value of any bytes at `data`", async () => {
  const user = await sopsUser();
  const store = openSops(user, "blob");
  await write(store, "data", everyByte);
  expect(await read(store, "data")).toBe(Buffer.from(everyByte).toString("latin1"));
  expect(await store.list?.({})).toEqual(["data"]);
  expect((await failure(remove(store, "data"))).code).toBe("unsupported");
  expect((await failure(write(store, "other", "x"))).code).toBe("invalid_input");
});

describe("reading", () => {
  test("gives numbers, booleans and elements of lists as text, and a map or list is no value", async () => {
    const user = await sopsUser();
    const store = openSops(user, "a.yaml");
    await write(store, "users/first/token", "t");
    await write(store, "port", "5432");
    expect(await read(store, "port")).toBe("5432");
    expect(await read(store, "users/first/nothing")).toBeUndefined();
    expect((await failure(store.read(issueGrantForContract("users/first", "read"), {}))).code).toBe("invalid_input");
  });

  test("a file that is not there is not initialised, and a plain one is an integrity error", async () => {
    const user = await sopsUser();
    expect(await failure(read(openSops(user, "a.yaml"), "a"))).toMatchObject({
      code: "unavailable",
      reason: "not_initialised",
    });
    writeFileSync(join(user.directory, "a.yaml"), `a: ${canary}\n`);
    const error = await failure(read(openSops(user, "a.yaml"), "a"));
    expect(error).toMatchObject({ code: "integrity", message: expect.stringContaining("is not encrypted by SOPS") });
  });

  test("touches nothing without a grant, nor by opening the store", async () => {
    const user = await sopsUser();
    const store = openSops(user, "none/a.yaml");
    expect((await failure(store.read(issueGrantForContract("a", "write"), {}))).code).toBe("denied");
    expect((await failure(store.write?.(issueGrantForContract("a", "read"), text("v"), {}))).code).toBe("denied");
    expect((await failure(store.delete?.(issueGrantForContract("a", "read"), {}))).code).toBe("denied");
    expect(existsSync(join(user.directory, "none"))).toBe(false);
  });
});

/** What somebody who can write the file and has no key might do; `[change, and the text it is found by]`. */
const attacks: readonly (readonly [string, (file: string) => string])[] = [
  [
    "change a value",
    (file) =>
      file.replace(
        /(one: ENC\[AES256_GCM,data:)(.)/,
        (_all, start: string, first: string) => start + (first === "A" ? "B" : "A"),
      ),
  ],
  ["change the type of a value", (file) => file.replace(/(one: ENC\[[^\]]*)type:str/, "$1type:int")],
  ["remove a value", (file) => file.replace(/^one: .*\n/m, "")],
  ["empty a value", (file) => file.replace(/^one: .*$/m, 'one: ""')],
  ["make a value null", (file) => file.replace(/^one: .*$/m, "one: null")],
  ["write a plain value", (file) => file.replace(/^one: .*$/m, "one: mine")],
  ["rename a value", (file) => file.replace(/^one: /m, "won: ")],
  ["swap two values", (file) => file.replace(/^one: (.*)\ntwo: (.*)$/m, "one: $2\ntwo: $1")],
  ["swap two values with their keys", (file) => file.replace(/^(one: .*)\n(two: .*)$/m, "$2\n$1")],
  ["add a value twice", (file) => file.replace(/^(one: (.*))$/m, "$1\none2: $2")],
  ["remove the MAC", (file) => file.replace(/^ *mac: .*\n/m, "")],
  ["empty the MAC", (file) => file.replace(/^( *mac: ).*$/m, '$1""')],
  ["take a value for the MAC", (file) => file.replace(/^( *mac: ).*$/m, `$1${/^one: (.*)$/m.exec(file)?.[1]}`)],
  ["change the time", (file) => file.replace(/^( *lastmodified: ).*$/m, '$1"2020-01-01T00:00:00Z"')],
  [
    "leave everything unencrypted",
    (file) => file.replace(/^( *)unencrypted_suffix: .*$/m, "$1encrypted_suffix: _never"),
  ],
  ["count only what is encrypted", (file) => file.replace(/^( *)mac: /m, "$1mac_only_encrypted: true\n$1mac: ")],
  ["take a data key of its own", (file) => file.replace(/enc: \|\n(?: {12}.*\n)+/, "enc: none\n")],
];

describe("a changed file gives no value at all", () => {
  test.each(attacks)("%s", async (_what, attack) => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    const store = openSops(user, file);
    for (const name of ["one", "two", "three"]) await write(store, name, `${canary} ${name}`);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, attack(before));
    expect(readFileSync(file, "utf8")).not.toBe(before);
    for (const name of ["one", "two", "three"]) {
      const error = await failure(read(store, name));
      expect([error.code, error.exitCode]).toEqual(["integrity", 6]);
    }
    expect((await failure(write(store, "three", "new"))).code).toBe("integrity");
  });

  test("an older file with the keys of this one does not verify with this one's MAC", async () => {
    const user = await sopsUser();
    const store = openSops(user, "a.yaml");
    await write(store, "one", "first");
    copyFileSync(join(user.directory, "a.yaml"), join(user.directory, "old.yaml"));
    await write(store, "one", "second");
    const old = /^one: .*$/m.exec(readFileSync(join(user.directory, "old.yaml"), "utf8"))?.[0] ?? "";
    const file = join(user.directory, "a.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/^one: .*$/m, old));
    expect((await failure(read(store, "one"))).code).toBe("integrity");
  });
});

describe("writing", () => {
  test("changes the value, the MAC and `lastmodified`, and nothing else", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    let now = Date.parse("2026-11-29T18:00:00Z");
    const store = openSops(user, file, {}, { now: () => (now += 60_000) });
    for (const name of ["one", "two", "three"]) await write(store, name, name);
    const before = readFileSync(file, "utf8").split("\n");
    await write(store, "two", "changed");
    const after = readFileSync(file, "utf8").split("\n");
    const different = after.flatMap((line, index) => (line === before[index] ? [] : [line.trim().split(":")[0]]));
    expect([after.length, different]).toEqual([before.length, ["two", "lastmodified", "mac"]]);
    expect(after.join("\n")).toContain("2026-11-29T18:04:00Z");
  });

  test("of the same value again leaves the file alone", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    const store = openSops(user, file);
    await write(store, "one", "v");
    const before = readFileSync(file);
    await write(store, "one", "v");
    expect(readFileSync(file)).toEqual(before);
  });

  test("keeps the permissions of the file, and makes a new one private", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    const store = openSops(user, file);
    await write(store, "one", "v");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    await write(store, "one", "w");
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("where the file's rules leave the place unencrypted is refused, in a new file too, and nothing is written", async () => {
    const user = await sopsUser((recipient) => `creation_rules: [{ age: ${recipient}, encrypted_regex: ^pass }]`);
    const file = join(user.directory, "a.yaml");
    const store = openSops(user, file);
    expect((await failure(write(store, "name", canary))).code).toBe("unsupported");
    expect(existsSync(file)).toBe(false);
    await write(store, "password", "v");
    const before = readFileSync(file);
    expect((await failure(write(store, "name", canary))).code).toBe("unsupported");
    expect(readFileSync(file)).toEqual(before);
  });

  test("of bytes that are no text is refused where the format holds text", async () => {
    const user = await sopsUser();
    for (const name of ["a.yaml", "a.json", "a.env", "a.ini"]) {
      const error = await failure(write(openSops(user, name), "A", everyByte));
      expect([error.code, existsSync(join(user.directory, name))]).toEqual(["invalid_input", false]);
    }
  });

  test("below a value is refused", async () => {
    const user = await sopsUser();
    const store = openSops(user, "a.yaml");
    await write(store, "one", "v");
    expect((await failure(write(store, "one/two", "w"))).code).toBe("invalid_input");
  });

  test("loses nothing that another program, which takes no lock, writes meanwhile", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "one", "v");
    const before = readFileSync(file, "utf8");
    const meddler = join(user.directory, "meddler");
    writeFileSync(meddler, `#!/bin/sh\nprintf '# written by another\\n' >>'${file}'\ncat '${user.keyFile}'\n`);
    chmodSync(meddler, 0o755);
    const error = await failure(write(openSops(user, file, { key: { command: [meddler] } }), "one", "w"));
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringContaining("changed by another program")]);
    expect(readFileSync(file, "utf8")).toBe(`${before}# written by another\n`);
  });

  test("clears away what a killed writer left, and nothing else", async () => {
    const user = await sopsUser();
    const kept = ["a.yaml.tmp", "a.yaml.0123456789ab", "b.yaml.0123456789ab.tmp"];
    for (const name of [...kept, "a.yaml.0123456789ab.tmp"]) writeFileSync(join(user.directory, name), "");
    await write(openSops(user, "a.yaml"), "one", "v");
    expect(readdirSync(user.directory).toSorted()).toEqual([".sops.yaml", "a.yaml", ...kept, "keys.txt"].toSorted());
  });

  test("by many at once loses nothing", async () => {
    const user = await sopsUser();
    const names = Array.from({ length: 12 }, (_, index) => `key${index}`);
    await Promise.all(names.map(async (name) => write(openSops(user, "a.yaml"), name, `value of ${name}`)));
    const values = await openSops(user, "a.yaml").readMany?.(
      names.map((name) => issueGrantForContract(name, "read")),
      {},
    );
    expect(values?.map((value) => value && Buffer.from(value).toString())).toEqual(
      names.map((name) => `value of ${name}`),
    );
  });
});

describe("a new file", () => {
  test("tells for whom it is encrypted", async () => {
    const user = await sopsUser();
    const told: string[] = [];
    await write(openSops(user, "a.yaml"), "one", "v", (line) => told.push(line));
    await write(openSops(user, "a.yaml"), "two", "w", (line) => told.push(line));
    expect(told).toEqual([`made \`${join(user.directory, "a.yaml")}\`, encrypted for \`age ${user.recipient}\``]);
  });

  test("follows the nearest `.sops.yaml` upwards, and `rules` when it is given", async () => {
    const user = await sopsUser((recipient) => `creation_rules: [{ path_regex: ^deep/er/, age: ${recipient} }]`);
    mkdirSync(join(user.directory, "deep/er"), { recursive: true });
    await write(openSops(user, "deep/er/a.yaml"), "one", "v");
    expect(await read(openSops(user, "deep/er/a.yaml"), "one")).toBe("v");
    expect((await failure(write(openSops(user, "a.yaml"), "one", "v"))).code).toBe("configuration");
    writeFileSync(
      join(user.directory, "other-rules.yaml"),
      `creation_rules: [{ age: ${user.recipient}, mac_only_encrypted: true }]`,
    );
    await write(openSops(user, "a.yaml", { rules: "other-rules.yaml" }), "one", "v");
    expect(readFileSync(join(user.directory, "a.yaml"), "utf8")).toContain("mac_only_encrypted: true");
  });

  test("is not made by rules that everybody can write", async () => {
    const user = await sopsUser();
    chmodSync(join(user.directory, ".sops.yaml"), 0o666);
    const error = await failure(write(openSops(user, "a.yaml"), "one", "v"));
    expect([error.code, error.message]).toEqual(["configuration", expect.stringContaining("everybody can write to")]);
  });

  test("is not made in a directory that is not there", async () => {
    const user = await sopsUser();
    const error = await failure(write(openSops(user, "prod/a.yaml"), "one", "v"));
    expect([error.code, error.message]).toEqual([
      "unavailable",
      `there is no directory \`${join(user.directory, "prod")}\``,
    ]);
  });

  test("says once for whom it was made, however many groups have the key", async () => {
    const user = await sopsUser(
      (recipient) => `creation_rules: [{ key_groups: [{ age: [${recipient}] }, { age: [${recipient}] }] }]`,
    );
    const said: string[] = [];
    await write(openSops(user, "a.yaml"), "one", "v", (line) => said.push(line));
    const file = join(user.directory, "a.yaml");
    expect(said).toEqual([`made \`${file}\`, encrypted for \`age ${user.recipient}\``]);
  });

  test("is not made without rules, and says what to write", async () => {
    const user = await sopsUser();
    rmSync(join(user.directory, ".sops.yaml"));
    const error = await failure(write(openSops(user, "a.yaml"), "one", "v"));
    expect([error.code, error.hint]).toEqual(["configuration", expect.stringContaining("creation_rules")]);
  });

  test.each([["age1qqqqqqqq"], ["ssh-ed25519 AAAA"], ["AGE-SECRET-KEY-1QQQ"]])(
    "is not made for %s, which is no age recipient",
    async (recipient) => {
      const user = await sopsUser(() => `creation_rules: [{ age: '${recipient}' }]`);
      const error = await failure(write(openSops(user, "a.yaml"), "one", "v"));
      expect([error.code, existsSync(join(user.directory, "a.yaml"))]).toEqual(["invalid_input", false]);
      expect(error.message).toContain(`the rules for ${join(user.directory, "a.yaml")}`);
      expect(error.message).not.toContain("SECRET-KEY-1QQQ");
    },
  );

  test("of several key groups opens with as many of their keys as it needs, and not with fewer", async () => {
    const others = await Promise.all([sopsUser(), sopsUser()]);
    const [second, third] = others;
    const user = await sopsUser(
      (recipient) =>
        `creation_rules: [{ shamir_threshold: 2, key_groups: [${[recipient, ...others.map((other) => other.recipient)].map((each) => `{ age: [${each}] }`).join(", ")}] }]`,
    );
    await write(openSops(user, "a.yaml"), "one", "v");
    const file = join(user.directory, "a.yaml");
    const both = {
      ...user,
      environment: {
        SOPS_AGE_KEY: [second, third].map((each) => readFileSync(each?.keyFile ?? "", "utf8").split("\n")[1]).join(" "),
      },
    };
    expect(await read(openSops(both, file), "one")).toBe("v");
    const error = await failure(read(openSops(user, file), "one"));
    expect([error.code, error.message]).toEqual([
      "locked",
      expect.stringContaining("(1 of the 2 groups that are needed opened)"),
    ]);
  });
});

describe("removing", () => {
  test("takes one value away and leaves the map it was in", async () => {
    const user = await sopsUser();
    const store = openSops(user, "a.yaml");
    await write(store, "db/password", "v");
    await write(store, "db/user", "w");
    expect(await remove(store, "db/password")).toBe(true);
    expect(await remove(store, "db/password")).toBe(false);
    expect(await store.list?.({})).toEqual(["db/user"]);
    expect(await remove(store, "db/user")).toBe(true);
    expect(await store.list?.({})).toEqual([]);
    await write(store, "db/again", "x");
    expect(await read(store, "db/again")).toBe("x");
  });

  test("from a file that is not there says so, and makes nothing", async () => {
    const user = await sopsUser();
    expect((await failure(remove(openSops(user, "a.yaml"), "a"))).code).toBe("unavailable");
    expect(existsSync(join(user.directory, "a.yaml.lock"))).toBe(false);
  });
});

describe("check", () => {
  const check = async (store: ReturnType<typeof openSops>, paths: readonly string[]) => {
    const report = await store.check?.(paths, {}, new Map());
    return { ...report, presence: [...(report?.presence ?? [])] };
  };

  test("finds nothing wrong with a sound file, and says for whom it is", async () => {
    const user = await sopsUser();
    const store = openSops(user, "a.yaml");
    await write(store, "one", canary);
    expect(await check(store, ["one", "two"])).toEqual({
      findings: [],
      presence: [
        ["one", "present"],
        ["two", "absent"],
      ],
    });
    const lines: string[] = [];
    await store.check?.([], { trace: (line) => lines.push(line) }, new Map());
    expect(lines.join("\n")).toContain(`age ${user.recipient}`);
  });

  test("tells a file that is locked, changed, not there or not encrypted", async () => {
    const user = await sopsUser();
    const other = await sopsUser();
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "one", canary);
    expect(await check(openSops(other, file), ["one"])).toMatchObject({
      findings: [{ severity: "problem", code: "locked" }],
      presence: [["one", "unreadable"]],
    });
    flipMac(file);
    expect(await check(openSops(user, file), ["one"])).toMatchObject({
      findings: [{ severity: "problem", code: "integrity" }],
      presence: [["one", "unknown"]],
    });
    writeFileSync(file, "a: plain\n");
    expect(await check(openSops(user, file), ["a"])).toMatchObject({
      findings: [{ severity: "problem", code: "integrity" }],
      presence: [["a", "unknown"]],
    });
    rmSync(file);
    expect(await check(openSops(user, file), ["a"])).toMatchObject({
      findings: [{ code: "unavailable", unavailable: "not_initialised" }],
    });
  });
});

test("check compares whom a file is encrypted for with the keyholders of each policy", async () => {
  const user = await sopsUser();
  const other = await sopsUser();
  await write(openSops(user, "a.yaml"), "one", "v");
  const holder = (name: string, age: string) => ({ name, age, principals: ["p"], write: false });
  const bridge = holder("bridge", user.recipient);
  const monolith = holder("monolith", other.recipient);
  const gpg = { name: "person", gpg: "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567", principals: ["p"], write: false };
  const messages = async (keyholders: readonly Keyholder[] | undefined) => {
    const store = openSops(user, "a.yaml", {}, { keyholdersFor: () => keyholders });
    const report = await store.check?.(["one"], {}, new Map([["one", "access"]]));
    return report?.findings.map(({ message }) => message.replaceAll(user.directory, ""));
  };
  expect(await messages(undefined)).toEqual([]);
  expect(await messages([bridge])).toEqual([]);
  expect(await messages([bridge, monolith, gpg])).toEqual(
    ["monolith", "person"].map(
      (name) =>
        `under-shared: keyholder \`${name}\` may read what policy \`access\` protects, and \`/a.yaml\` is not encrypted for its key`,
    ),
  );
  expect(await messages([])).toEqual([
    `over-shared: \`/a.yaml\` is encrypted for \`age ${user.recipient}\`, which no policy lets read what \`access\` protects`,
  ]);
});

describe("a value that was put elsewhere, under a MAC that is right,", () => {
  const password = (file: string) => /password: (ENC.*)/.exec(file)?.[1] ?? "";
  const metadata = (file: string) => file.slice(file.indexOf("sops:\n"));
  test.each<[string, (file: string) => string]>([
    ["below one name for two", (file) => `"db:password": ${password(file)}\n${metadata(file)}`],
    ["into a list", (file) => `db:\n    - password: ${password(file)}\n${metadata(file)}`],
    ["into a list of its own", (file) => `db:\n    password:\n        - ${password(file)}\n${metadata(file)}`],
    ["behind a document in which it is null", (file) => `db:\n    password: null\n${metadata(file)}---\n${file}`],
    ["behind a document in which it is empty", (file) => `db:\n    password: ""\n${metadata(file)}---\n${file}`],
    ["behind a document in which it is a map", (file) => `db:\n    password: {}\n${metadata(file)}---\n${file}`],
  ])("%s, is neither absent nor empty nor another", async (_what, attack) => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "db/password", canary);
    writeFileSync(file, attack(readFileSync(file, "utf8")));
    expect(["integrity", "invalid_input"]).toContain((await failure(read(openSops(user, file), "db/password"))).code);
    expect(["integrity", "invalid_input"]).toContain(
      (await failure(write(openSops(user, file), "db/password", "v"))).code,
    );
    const report = await openSops(user, file).check?.(["db/password"], {}, new Map());
    expect(report?.findings.map(({ severity }) => severity)).toEqual(["problem"]);
  });

  test("so that another document's would be taken for it, is refused", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "db/password", "first");
    const both = await yamlOf(user, file, "db:\n    password: first\n---\ndb:\n    password: second\n");
    writeFileSync(file, both);
    expect(await read(openSops(user, file), "db/password")).toBe("first");
    writeFileSync(
      file,
      Buffer.from(both)
        .toString()
        .replace(/^db:\n {4}password: (.*)$/m, '"db:password": $1'),
    );
    expect((await failure(read(openSops(user, file), "db/password"))).code).toBe("integrity");
  });
});

describe("a strict store", () => {
  test("gives no value that is in a list or unencrypted, and check names each", async () => {
    const user = await sopsUser((recipient) => `creation_rules: [{ age: ${recipient}, unencrypted_regex: ^plain }]`);
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "password", "v");
    writeFileSync(file, await yamlOf(user, file, "plain: p\npassword: v\nusers:\n    - t\n"));
    for (const [path, value] of [
      ["password", "v"],
      ["plain", "p"],
      ["users/0", "t"],
    ] as const) {
      expect(await read(openSops(user, file), path)).toBe(value);
    }
    const strict = openSops(user, file, { strict: true });
    expect(await read(strict, "password")).toBe("v");
    expect((await failure(read(strict, "plain"))).message).toContain("is not encrypted");
    for (const path of ["users/0", "users/7", "nothing/0/at/all"]) {
      expect((await failure(read(strict, path))).message).toContain("is in a list");
    }
    expect(await read(strict, "nothing")).toBeUndefined();
    const messages = async (store: typeof strict, paths: readonly string[]) =>
      (await store.check?.(paths, {}, new Map()))?.findings.map(
        ({ severity, message }) => `${severity} ${/`([^`]*)` is/.exec(message)?.[1]}`,
      );
    expect(await messages(strict, [])).toEqual(["warning plain", "warning users/0"]);
    expect(await messages(openSops(user, file), [])).toEqual([]);
    expect(await messages(openSops(user, file), ["plain", "users/0", "password"])).toEqual(["warning plain"]);
  });
});

describe("a file that names only services", () => {
  test("is refused with their names", async () => {
    const user = await sopsUser();
    const file = join(user.directory, "a.yaml");
    await write(openSops(user, file), "one", canary);
    const changed = readFileSync(file, "utf8").replace(
      /^ {4}age:\n(?: {8,}.*\n)+/m,
      '    kms:\n        - arn: arn:aws:kms:eu-west-1:111122223333:key/1a2b\n          created_at: "2026-01-01T00:00:00Z"\n          enc: AQID\n          aws_profile: ""\n',
    );
    writeFileSync(file, changed);
    const error = await failure(read(openSops(user, file), "one"));
    expect([error.code, error.message]).toEqual([
      "unsupported",
      expect.stringContaining("`kms arn:aws:kms:eu-west-1:111122223333:key/1a2b`"),
    ]);
    const report = await openSops(user, file).check?.(["one"], {}, new Map());
    expect([...(report?.presence ?? [])]).toEqual([["one", "unreadable"]]);
  });
});

test.each([
  ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", "SSH keys are not supported"],
  ["age1yubikey1q2w3e4r5t6y7u8p0pasdfghjkl", "keys of age plugins are not supported"],
])("a file whose only key is %s is locked, and says that such keys are not supported", async (recipient, message) => {
  const user = await sopsUser();
  const file = join(user.directory, "a.yaml");
  await write(openSops(user, file), "one", canary);
  writeFileSync(file, readFileSync(file, "utf8").replace(`recipient: ${user.recipient}`, `recipient: ${recipient}`));
  const error = await failure(read(openSops(user, file), "one"));
  expect([error.code, error.message]).toEqual(["locked", expect.stringContaining(message)]);
});

test("a symbolic link that this user made is followed and stays one", async () => {
  const user = await sopsUser();
  mkdirSync(join(user.directory, "real"));
  symlinkSync("real/a.yaml", join(user.directory, "a.yaml"));
  await write(openSops(user, "real/a.yaml"), "one", "v");
  await write(openSops(user, "a.yaml"), "one", "w");
  expect(await read(openSops(user, "real/a.yaml"), "one")).toBe("w");
});

test.each([
  [{}, "path"],
  [{ path: "" }, "path"],
  [{ path: 7 }, "path"],
  [{ path: "a", format: "toml" }, "format"],
  [{ path: "a", key: { nothing: 1 } }, "key"],
  [{ path: "a", key_command: "yes" }, "key_command"],
  [{ path: "a", program: "" }, "program"],
  [{ path: "a", rules: "\0" }, "rules"],
  [{ path: "a", strict: 1 }, "strict"],
])("the options %j are refused with the option's path", (options, option) => {
  let thrown: unknown;
  try {
    sopsBackend.open({ name: "team", options }, isolatedContext());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigurationError);
  expect(thrown instanceof ConfigurationError && thrown.problems[0]?.path.slice(0, 3)).toEqual([
    "stores",
    "team",
    option,
  ]);
});
