import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identityOf } from "../../src/age/identities.js";
import { encodeSecretKey } from "../../src/age/secret-key.js";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { ContractStore } from "../../src/backends/contract-setup.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { sopsBackend } from "../../src/backends/sops.js";
import { introduce, makeMachine, must, removeMachine, shortDirectory, toolsDirectory } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { isWithoutGpg } from "../support/programs.js";
import {
  canary,
  failure,
  findSops,
  makeUser,
  openSops,
  read,
  remove,
  runSops,
  sopsUser,
  write,
} from "../support/sops.js";
import type { SopsUser } from "../support/sops.js";
import { stuckProgram, watchProgram } from "../support/watched-program.js";

const found = findSops();
const sops = found ?? "sops";
const yaml = `# about the file
database:
    password: ${canary}
    port: 5432
    ssl: true
    ratio: 0.5
    since: 2020-01-02
    empty: ""
    nothing: null
users:
    - name: ann
      token: t-ann
    - name: bob
      token: "t\\tbob\\n"
note_unencrypted: readable
`;
const json = `{"database": {"password": "${canary}", "port": 5432, "big": 9007199254740993, "ratio": 1.5}, "list": ["a", ["b"]], "empty": "", "nothing": null}`;

/** Every address of the YAML above, and its value. */
const yamlValues: Readonly<Record<string, string>> = {
  "database/empty": "",
  "database/password": canary,
  "database/port": "5432",
  "database/ratio": "0.5",
  "database/since": "2020-01-02T00:00:00Z",
  "database/ssl": "true",
  note_unencrypted: "readable",
  "users/0/name": "ann",
  "users/0/token": "t-ann",
  "users/1/name": "bob",
  "users/1/token": "t\tbob\n",
};

/** Encrypts a text as sops does, into a file of the user's. */
function encrypt(
  user: Pick<SopsUser, "directory" | "environment">,
  name: string,
  text: string,
  ...options: readonly string[]
): string {
  const file = join(user.directory, name);
  writeFileSync(file, text);
  runSops(user, sops, ["encrypt", "--in-place", ...options, file]);
  return file;
}
const decrypt = (user: Pick<SopsUser, "directory" | "environment">, file: string, ...options: readonly string[]) =>
  runSops(user, sops, ["decrypt", ...options, file]).toString();
const readAll = async (user: SopsUser, file: string) => {
  const store = openSops(user, file);
  const paths = (await store.list?.({})) ?? [];
  const values = await store.readMany?.(
    paths.map((path) => issueGrantForContract(path, "read")),
    {},
  );
  return Object.fromEntries(paths.map((path, index) => [path, Buffer.from(values?.[index] ?? []).toString("latin1")]));
};

describe.skipIf(found === undefined)("with the real sops", { timeout: 60_000 }, () => {
  describe("what sops writes is read", () => {
    test("in YAML, with all its types, in the form that people know", async () => {
      const user = await sopsUser();
      expect(await readAll(user, encrypt(user, "a.yaml", yaml))).toEqual(yamlValues);
    });

    test("in JSON, large integers exactly", async () => {
      const user = await sopsUser();
      expect(await readAll(user, encrypt(user, "a.json", json))).toEqual({
        "database/big": "9007199254740993",
        "database/password": canary,
        "database/port": "5432",
        "database/ratio": "1.5",
        empty: "",
        "list/0": "a",
        "list/1/0": "b",
      });
    });

    test("in env and INI files, and in files of any other kind", async () => {
      const user = await sopsUser();
      expect(
        await readAll(user, encrypt(user, "a.env", `# about\nTOKEN=${canary}\nPLAIN_unencrypted=x\nURL=a=b\n`)),
      ).toEqual({
        TOKEN: canary,
        PLAIN_unencrypted: "x",
        URL: "a=b",
      });
      expect(
        await readAll(user, encrypt(user, "a.ini", `[db]\npassword = ${canary}\nport = 1\n[api]\ntoken = t\n`)),
      ).toEqual({
        "api/token": "t",
        "db/password": canary,
        "db/port": "1",
      });
      expect(await readAll(user, encrypt(user, "blob", "\u0000\u0001 any\nbytes"))).toEqual({
        data: "\u0000\u0001 any\nbytes",
      });
    });

    test("from every document of a YAML file, the first that has it", async () => {
      const user = await sopsUser();
      const file = encrypt(user, "a.yaml", "a: one\n---\na: two\nb: three\n");
      expect(await read(openSops(user, file), "a")).toBe("one");
      expect(await read(openSops(user, file), "b")).toBe("three");
    });

    test.each([
      ["encrypted_regex: ^(password|token)$"],
      ["unencrypted_regex: ^(name|port)$"],
      ["encrypted_suffix: word"],
      ["unencrypted_suffix: port"],
      ["encrypted_regex: ^password$, mac_only_encrypted: true"],
      ["encrypted_comment_regex: about"],
      ["unencrypted_comment_regex: about"],
    ])("under the rule %s", async (rule) => {
      const user = await sopsUser((recipient) => `creation_rules: [{ age: ${recipient}, ${rule} }]`);
      expect(await readAll(user, encrypt(user, "a.yaml", yaml))).toEqual(yamlValues);
    });

    test("after `sops set`, `sops unset`, `sops updatekeys` and `sops rotate`", async () => {
      const user = await sopsUser();
      const other = await sopsUser();
      const file = encrypt(user, "a.yaml", yaml);
      runSops(user, sops, ["set", file, '["database"]["password"]', '"changed"']);
      runSops(user, sops, ["unset", file, '["users"][0]["name"]']);
      writeFileSync(
        join(user.directory, ".sops.yaml"),
        `creation_rules: [{ age: [${user.recipient}, ${other.recipient}] }]`,
      );
      expect((await failure(read(openSops(other, file), "database/port"))).code).toBe("locked");
      runSops(user, sops, ["updatekeys", "--yes", file]);
      const { "users/0/name": _gone, ...others } = yamlValues;
      const left = { ...others, "database/password": "changed" };
      expect(await readAll({ ...user, environment: other.environment }, file)).toEqual(left);
      runSops(user, sops, ["rotate", "--in-place", file]);
      expect(await readAll({ ...user, environment: other.environment }, file)).toEqual(left);
    });

    test("that sops refuses for its MAC is refused with exit code 6", async () => {
      const user = await sopsUser();
      const file = encrypt(user, "a.yaml", yaml);
      writeFileSync(
        file,
        readFileSync(file, "utf8").replace("note_unencrypted: readable", "note_unencrypted: changed"),
      );
      expect(() => decrypt(user, file)).toThrow("exit 51");
      expect((await failure(read(openSops(user, file), "database/port"))).exitCode).toBe(6);
    });
  });

  describe("what is written is read by sops", () => {
    test.each([
      ["a.yaml", "database/password", '["database"]["password"]'],
      ["a.json", "database/password", '["database"]["password"]'],
      ["a.env", "PASSWORD", '["PASSWORD"]'],
      ["a.ini", "database/password", '["database"]["password"]'],
    ])("a new %s, made by the rules, and changed again by both", async (name, path, extract) => {
      const user = await sopsUser();
      const store = openSops(user, name);
      await write(store, path, "first");
      expect(decrypt(user, name, "--extract", extract)).toBe("first");
      await write(store, path, "second ☃ 'quoted\" #x");
      expect(decrypt(user, name, "--extract", extract)).toBe("second ☃ 'quoted\" #x");
      runSops(user, sops, ["set", name, extract, '"third"']);
      expect(await read(store, path)).toBe("third");
      await write(store, path, "fourth");
      await remove(store, path);
      expect(() => decrypt(user, name, "--extract", extract)).toThrow("not found");
      expect(decrypt(user, name)).not.toContain("fourth");
    });

    test("a new file of any bytes", async () => {
      const user = await sopsUser();
      const value = Buffer.from("\u0000\u0001 any\nbytes");
      await write(openSops(user, "blob"), "data", value);
      expect(runSops(user, sops, ["decrypt", "blob"])).toEqual(value);
      const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      await write(openSops(user, "blob"), "data", every);
      expect(runSops(user, sops, ["decrypt", "blob"])).toEqual(every);
    });

    test("a value in a file of sops's own, numbers and booleans staying what they are", async () => {
      const user = await sopsUser();
      const file = encrypt(user, "a.yaml", yaml);
      const store = openSops(user, file);
      const warned: string[] = [];
      for (const [path, value] of [
        ["database/password", "new"],
        ["database/port", "6000"],
        ["database/ssl", "false"],
        ["users/1/token", "new too"],
        ["database/added", "a"],
        ["deep/er/added", "b"],
      ] as const) {
        await write(store, path, value, (line) => warned.push(line));
      }
      expect(JSON.parse(decrypt(user, file, "--output-type", "json"))).toEqual({
        database: {
          password: "new",
          port: 6000,
          ssl: false,
          ratio: 0.5,
          since: "2020-01-02T00:00:00Z",
          empty: "",
          nothing: null,
          added: "a",
        },
        users: [
          { name: "ann", token: "t-ann" },
          { name: "bob", token: "new too" },
        ],
        note_unencrypted: "readable",
        deep: { er: { added: "b" } },
      });
      expect(warned).toEqual([]);
      await write(store, "database/port", "port 7", (line) => warned.push(line));
      expect(warned).toEqual(["`database/port` was of the type int and is text now"]);
      expect((await failure(remove(store, "users/0"))).code).toBe("invalid_input");
      expect((await failure(write(store, "note_unencrypted", "x"))).code).toBe("unsupported");
    });

    test.each([
      ["encrypted_regex: ^(password|token)$", "password"],
      ["unencrypted_suffix: _plain, mac_only_encrypted: true", "password"],
      ["unencrypted_comment_regex: sops:plain", "password"],
    ])("a new file under the rule %s", async (rule, path) => {
      const user = await sopsUser((recipient) => `creation_rules: [{ age: ${recipient}, ${rule} }]`);
      await write(openSops(user, "a.yaml"), path, "v");
      expect(decrypt(user, "a.yaml", "--extract", `["${path}"]`)).toBe("v");
      runSops(user, sops, ["set", "a.yaml", '["password"]', '"w"']);
      expect(await read(openSops(user, "a.yaml"), "password")).toBe("w");
    });

    test("a value in a later document of a YAML file", async () => {
      const user = await sopsUser();
      const file = encrypt(user, "a.yaml", "a: one\n---\nb:\n    c: two\n");
      await write(openSops(user, file), "b/c", "changed");
      expect(decrypt(user, file)).toBe("a: one\n---\nb:\n    c: changed\n");
    });

    test("a value that a comment has encrypted, and none that no comment does", async () => {
      const user = await sopsUser(
        (recipient) => `creation_rules: [{ age: ${recipient}, encrypted_comment_regex: secret }]`,
      );
      const file = encrypt(user, "a.yaml", "# secret\na: one\nb: two\n");
      expect(readFileSync(file, "utf8")).toMatch(/^# secret\na: ENC\[.*\nb: two\n/);
      await write(openSops(user, file), "a", "changed");
      expect(decrypt(user, file)).toBe("# secret\na: changed\nb: two\n");
      expect((await failure(write(openSops(user, file), "b", canary))).code).toBe("unsupported");
      expect((await failure(write(openSops(user, file), "c", canary))).code).toBe("unsupported");
    });

    test("a new file and its `sops` part look like one that sops made", async () => {
      const user = await sopsUser();
      const masked = (file: string) =>
        readFileSync(file, "utf8")
          .replace(/ENC\[[^\]]*\]/g, "ENC")
          .replace(/-----BEGIN[\s\S]*?-----END AGE ENCRYPTED FILE-----/g, "AGE")
          .replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "TIME");
      for (const [name, path, text] of [
        ["yaml", "a/b", "a:\n    b: v\n"],
        ["json", "a/b", '{"a": {"b": "v"}}'],
        ["env", "A", "A=v\n"],
        ["ini", "a/b", "[a]\nb = v\n"],
      ] as const) {
        await write(openSops(user, `ours.${name}`), path, "v");
        expect(masked(join(user.directory, `ours.${name}`))).toBe(masked(encrypt(user, `theirs.${name}`, text)));
      }
    });
  });

  test("post-quantum keys of age open what sops encrypts, and sops what is encrypted here", async () => {
    const user = await sopsUser();
    const secret = randomBytes(32);
    const recipient = (await identityOf({ kind: "hybrid", secret }).recipient()) ?? "";
    writeFileSync(user.keyFile, `${encodeSecretKey("hybrid", secret)}\n`);
    writeFileSync(join(user.directory, ".sops.yaml"), `creation_rules: [{ age: ${recipient} }]`);
    expect(await read(openSops(user, encrypt(user, "a.yaml", "a: v\n")), "a")).toBe("v");
    await write(openSops(user, "b.yaml"), "a", "w");
    expect(decrypt(user, "b.yaml", "--extract", '["a"]')).toBe("w");
  });

  test("several key groups of age keys open both ways", async () => {
    const others = await Promise.all([sopsUser(), sopsUser()]);
    const groups = (first: string) =>
      `creation_rules: [{ shamir_threshold: 2, key_groups: [${[first, ...others.map(({ recipient }) => recipient)].map((each) => `{ age: [${each}] }`).join(", ")}] }]`;
    const user = await sopsUser(groups);
    appendFileSync(user.keyFile, readFileSync(others[1]?.keyFile ?? ""));
    for (const name of ["a.yaml", "a.json", "a.env", "a.ini"]) {
      const path = name === "a.env" ? "A" : "x/y";
      const text =
        { "a.yaml": "x:\n    y: v\n", "a.json": '{"x": {"y": "v"}}', "a.env": "A=v\n", "a.ini": "[x]\ny = v\n" }[
          name
        ] ?? "";
      expect(await read(openSops(user, encrypt(user, `theirs-${name}`, text)), path)).toBe("v");
      await write(openSops(user, `ours-${name}`), path, "w");
      expect(decrypt(user, `ours-${name}`)).toContain("w");
    }
  });

  describe.skipIf(isWithoutGpg)("and the real gpg", { timeout: 120_000 }, () => {
    let base: string;
    let bridge: GopassMachine;
    let monolith: GopassMachine;
    beforeAll(() => {
      base = shortDirectory();
      bridge = makeMachine(base, "bridge");
      monolith = makeMachine(base, "monolith");
      introduce([bridge, monolith]);
    }, 60_000);
    afterAll(() => {
      for (const machine of [bridge, monolith]) removeMachine(machine);
      rmSync(base, { recursive: true, force: true });
    });
    /** A user in a new directory, with the gpg of a machine and an age key of his own that is used only when asked for. */
    const onMachine = async (machine: GopassMachine, rules: (recipient: string) => string): Promise<SopsUser> => {
      const user = await makeUser(mkdtempSync(join(machine.home, "files-")), rules);
      return { ...user, environment: { ...machine.environment, SOPS_DISABLE_VERSION_CHECK: "true" } };
    };
    const forBridge = () => `creation_rules: [{ pgp: ${bridge.fingerprint} }]`;

    describe("a PGP file keeps the contract of every backend", () => {
      const fresh = async (
        machine: GopassMachine,
        program?: string,
      ): Promise<ContractStore & { readonly user: SopsUser; readonly file: string }> => {
        const user = await onMachine(machine, forBridge);
        const file = join(user.directory, "a.yaml");
        return {
          user,
          file,
          options: { path: file, ...(program === undefined ? {} : { program }) },
          context: { environment: user.environment },
        };
      };
      const hidden = async (reader: GopassMachine, program: string): Promise<ContractStore> => {
        const { user, file } = await fresh(bridge);
        await write(openSops(user, file), "alpha", hiddenValue);
        return { options: { path: file, program }, context: { environment: reader.environment } };
      };
      // The machines are made later than the cases.
      const cases = backendContract({
        definition: sopsBackend,
        store: async () => fresh(bridge),
        values: [Buffer.from("plain"), Buffer.from(""), Buffer.from("one\ntwo\n")],
        names: { held: ["a", "b/c"], refused: ["a//b"] },
        largest: 64 * 1024,
        states: {
          denied: "a file has no server that could refuse",
          locked: async () => hidden(monolith, "gpg"),
          unavailable: async () => hidden(bridge, "/nonexistent/gpg"),
          corrupt: async () => {
            const store = await hidden(bridge, "gpg");
            const file = String(store.options["path"]);
            writeFileSync(file, readFileSync(file, "utf8").replace(/^alpha: .*\n/m, ""));
            return store;
          },
        },
        slow: async () => {
          const stuck = stuckProgram(base, "gpg");
          return { ...(await hidden(bridge, stuck.program)), waiting: stuck.waiting, left: stuck.left };
        },
        concurrency: {
          most: 1,
          store: async () => {
            const watched = watchProgram(base, "gpg", "/usr/bin/gpg");
            return { ...(await fresh(bridge, watched.program)), peak: watched.peak };
          },
        },
      });
      test.each(cases.map(({ name, run }) => [name, run] as const))("%s", { timeout: 60_000 }, async (_name, run) => {
        await expect(run()).resolves.toBeUndefined();
      });
    });

    test("is run once for 200 values of one file", async () => {
      const user = await onMachine(bridge, forBridge);
      const text = Array.from({ length: 200 }, (_, index) => `key${index}: value ${index}\n`).join("");
      const file = encrypt(user, "a.yaml", text);
      const watched = watchProgram(base, "gpg", "/usr/bin/gpg");
      const grants = Array.from({ length: 200 }, (_, index) => issueGrantForContract(`key${index}`, "read"));
      const values = await openSops(user, file, { program: watched.program }).readMany?.(grants, {});
      expect(values?.map((value) => value && Buffer.from(value).toString())).toEqual(
        grants.map((_, index) => `value ${index}`),
      );
      expect(watched.runs()).toBe(1);
    });

    test("gpg opens what sops encrypts, and sops what is encrypted here", async () => {
      const user = await onMachine(bridge, forBridge);
      expect(await read(openSops(user, encrypt(user, "a.yaml", `a: ${canary}\n`)), "a")).toBe(canary);
      await write(openSops(user, "b.json"), "a", "w");
      expect(decrypt(user, "b.json", "--extract", '["a"]')).toBe("w");
      const error = await failure(read(openSops({ ...user, environment: monolith.environment }, "a.yaml"), "a"));
      expect([error.code, error.message]).toEqual(["locked", expect.stringContaining("the data key of")]);
    });

    test("with age keys beside PGP keys either opens the file, and gpg is not asked when age does", async () => {
      const user = await onMachine(
        bridge,
        (recipient) => `creation_rules: [{ age: ${recipient}, pgp: ${bridge.fingerprint} }]`,
      );
      const file = encrypt(user, "a.yaml", `a: ${canary}\n`);
      await write(openSops(user, "b.yaml"), "a", "w");
      const watched = watchProgram(base, "gpg", "/usr/bin/gpg");
      for (const [name, value] of [
        [file, canary],
        ["b.yaml", "w"],
      ] as const) {
        expect(await read(openSops(user, name), "a")).toBe(value);
        expect(await read(openSops(user, name, { key: user.keyFile, program: watched.program }), "a")).toBe(value);
        expect(decrypt(user, name, "--extract", '["a"]')).toBe(value);
        expect(
          decrypt(
            { ...user, environment: { ...user.environment, GNUPGHOME: base, SOPS_AGE_KEY_FILE: user.keyFile } },
            name,
            "--extract",
            '["a"]',
          ),
        ).toBe(value);
      }
      expect(watched.runs()).toBe(0);
      const locked = await failure(read(openSops({ ...user, environment: monolith.environment }, file), "a"));
      expect(locked.message).toContain(`it is for \`age ${user.recipient}\`, \`pgp ${bridge.fingerprint}\``);
    });

    test("a group of PGP keys and a group of age keys open the file together only", async () => {
      const user = await onMachine(
        bridge,
        (recipient) => `creation_rules: [{ key_groups: [{ pgp: [${bridge.fingerprint}] }, { age: [${recipient}] }] }]`,
      );
      const file = encrypt(user, "a.yaml", `a: ${canary}\n`);
      await write(openSops(user, "b.yaml", { key: user.keyFile }), "a", "w");
      expect(await read(openSops(user, file, { key: user.keyFile }), "a")).toBe(canary);
      expect(
        decrypt(
          { ...user, environment: { ...user.environment, SOPS_AGE_KEY_FILE: user.keyFile } },
          "b.yaml",
          "--extract",
          '["a"]',
        ),
      ).toBe("w");
      expect((await failure(read(openSops(user, file), "a"))).code).toBe("locked");
    });

    test("a PGP key that is not in the key ring is named when a file is to be made for it", async () => {
      const unknown = "0123456789ABCDEF0123456789ABCDEF01234567";
      const user = await onMachine(bridge, () => `creation_rules: [{ pgp: ${unknown} }]`);
      const error = await failure(write(openSops(user, "a.yaml"), "a", canary));
      expect([error.code, error.message]).toEqual(["locked", expect.stringContaining(unknown)]);
    });

    test("a data key that was never encrypted is refused, whatever gpg says", async () => {
      const user = await onMachine(bridge, forBridge);
      const file = encrypt(user, "a.yaml", `a: ${canary}\n`);
      const literal = must(bridge, "gpg", ["--batch", "--armor", "--store"], Buffer.alloc(32, 7)).toString();
      const indented = literal
        .trimEnd()
        .split("\n")
        .map((line) => `            ${line}`.trimEnd())
        .join("\n");
      const changed = readFileSync(file, "utf8").replace(
        / {12}-----BEGIN PGP MESSAGE-----[\s\S]*?-----END PGP MESSAGE-----/,
        indented,
      );
      expect(changed).toContain(indented);
      writeFileSync(file, changed);
      expect((await failure(read(openSops(user, file), "a"))).code).toBe("integrity");
    });
  });

  test("SOPS_AGE_KEY_CMD is run for the store that says so, and for no other", async () => {
    const user = await sopsUser();
    mkdirSync(join(user.directory, "bin"));
    const file = encrypt(user, "a.yaml", "a: v\n");
    const environment = {
      PATH: [toolsDirectory, "/usr/bin", "/bin"].join(delimiter),
      SOPS_AGE_KEY_CMD: `cat ${user.keyFile}`,
    };
    const error = await failure(read(openSops({ ...user, environment }, file), "a"));
    expect([error.code, error.hint]).toEqual(["locked", expect.stringContaining("`key_command: true`")]);
    expect(await read(openSops({ ...user, environment }, file, { key_command: true }), "a")).toBe("v");
    expect(
      decrypt(
        { ...user, environment: { ...environment, HOME: user.directory, SOPS_DISABLE_VERSION_CHECK: "true" } },
        file,
      ),
    ).toContain("v");
  });
});
