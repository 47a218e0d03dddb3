import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { run, must } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { failure, gopass } from "../support/gopass-backend.js";
import {
  deleteAt,
  freshPassStore,
  gpgOf,
  isWithoutPass,
  makePassTeam,
  openPass,
  passOf,
  plantFile,
  readAt,
  removePassTeam,
  writeAt,
} from "../support/pass.js";
import type { PassTeam } from "../support/pass.js";

const canary = "canary-5f1d";

describe.skipIf(isWithoutPass)("a store shared with the real pass and gopass", { timeout: 60_000 }, () => {
  let team: PassTeam;
  beforeAll(() => {
    team = makePassTeam();
    passOf(
      team.bridge,
      ["insert", "-m", "marketdata/databento"],
      `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]\n`,
    );
    passOf(team.bridge, ["insert", "-m", "execution/broker"], `${canary}\n`);
  }, 60_000);
  afterAll(() => removePassTeam(team));

  /** A second machine has a checkout of the same store. */
  const elsewhere = (): GopassMachine => ({
    ...team.monolith,
    store: team.bridge.store,
    environment: { ...team.monolith.environment, PASSWORD_STORE_DIR: team.bridge.store },
  });
  const withGopass = (machine: GopassMachine): GopassMachine => ({
    ...machine,
    environment: {
      ...machine.environment,
      GOPASS_CONFIG_COUNT: "1",
      GOPASS_CONFIG_KEY_0: "mounts.path",
      GOPASS_CONFIG_VALUE_0: machine.store,
      GOPASS_NO_AUTOSYNC: "true",
    },
  });
  const gopassOf = (machine: GopassMachine, argv: readonly string[], input: string | Buffer = "") =>
    must(machine, gopass ?? "", argv, input).toString("latin1");

  test("what `pass insert` stored is read: the whole body less its last newline, a line, a key, or nothing", async () => {
    const store = openPass(team.bridge);
    expect(await readAt(store, "marketdata/databento")).toBe(
      `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]`,
    );
    const grants = ["#1", "#user", "#token", "#pin", "#nope"].map((key) =>
      issueGrantForContract(`marketdata/databento${key}`, "read"),
    );
    const values = (await store.readMany?.(grants, {})) ?? [];
    expect(values.map((value) => value && Buffer.from(value).toString())).toEqual([
      canary,
      "bob",
      "a: b",
      "0123",
      undefined,
    ]);
    expect((await failure(readAt(store, "marketdata/databento#list"))).code).toBe("invalid_input");
    expect(await readAt(store, "marketdata")).toBeUndefined();
    expect(await readAt(store, "marketdata/databento/x")).toBeUndefined();
  });

  test("what is written is read by `pass show` and by gopass, on the other machine too", async () => {
    for (const value of [
      "one line",
      "two\nlines\n",
      "",
      "ключ ☃\nuser: bob",
      "-----BEGIN KEY-----\nAA\n-----END KEY-----",
    ]) {
      await writeAt(openPass(team.bridge), "shared/value", value);
      expect(passOf(team.bridge, ["show", "shared/value"])).toBe(`${value}\n`);
      expect(passOf(elsewhere(), ["show", "shared/value"])).toBe(`${value}\n`);
      expect(await readAt(openPass(elsewhere()), "shared/value")).toBe(Buffer.from(value).toString("latin1"));
    }
  });

  test.skipIf(gopass === undefined)("gopass reads what is written, and what gopass wrote is read", async () => {
    const machine = withGopass(freshPassStore(team.bridge, "with-gopass"));
    must(machine, "git", ["init", "--quiet", machine.store]);
    const store = openPass(machine);
    for (const value of ["one line", "two\nlines\n", "pw\nuser: bob"]) {
      await writeAt(store, "a/ours", value);
      expect(gopassOf(machine, ["show", "--noparsing", "a/ours"])).toBe(`${value}\n`);
      gopassOf(machine, ["insert", "-f", "a/theirs"], `${value}\n`);
      expect(await readAt(store, "a/theirs")).toBe(value);
    }
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    gopassOf(machine, ["cat", "a/binary"], everyByte);
    expect(await readAt(store, "a/binary")).toBe(everyByte.toString("latin1"));
    await writeAt(store, "a/form", "\nContent-Transfer-Encoding: Base64\nAAEC");
    // With a pipe for its standard input it would store what comes from there.
    const shown = must(machine, "sh", ["-c", `exec '${gopass}' cat a/form </dev/null`]);
    expect(shown.toString("latin1")).toBe("\nContent-Transfer-Encoding: Base64\nAAEC");
    expect(gopassOf(machine, ["ls", "--flat"]).trim().split("\n").toSorted()).toEqual(await store.list?.({}));
  });

  test("any value comes back byte for byte, and `pass show` prints it", async () => {
    const machine = freshPassStore(team.bridge, "any");
    const store = openPass(machine);
    const piece = fc.constantFrom(
      "\n",
      "\r\n",
      "\0",
      "a",
      "key: v",
      "---",
      "\xff",
      "\nContent-Transfer-Encoding: Base64\nAAEC\n",
    );
    const holds = async (pieces: readonly string[]) => {
      const value = Buffer.from(pieces.join(""), "latin1");
      await writeAt(store, "v", value);
      expect(await readAt(store, "v")).toBe(value.toString("latin1"));
      const shown = must(machine, "pass", ["show", "v"]);
      // Only what would be taken for gopass's form for binary data is stored in that form.
      const isForm = value.includes("Content-Transfer-Encoding") && shown[0] === 10;
      expect(isForm || shown.equals(Buffer.concat([value, Buffer.of(10)]))).toBe(true);
    };
    await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 6 }), holds), { numRuns: 12 });
  });

  test("the file is one that only its owner reads, in folders of the same kind, with no other file beside it", async () => {
    const machine = freshPassStore(team.bridge, "modes");
    await writeAt(openPass(machine), "deep/er/v", "x");
    expect(statSync(join(machine.store, "deep/er/v.gpg")).mode & 0o777).toBe(0o600);
    expect(statSync(join(machine.store, "deep")).mode & 0o777).toBe(0o700);
    expect(readdirSync(machine.store).toSorted()).toEqual([".gpg-id", "deep"]);
    expect(readdirSync(join(machine.store, "deep/er"))).toEqual(["v.gpg"]);
  });

  test("a value is encrypted for the recipients of its own folder and for nobody else", async () => {
    await writeAt(openPass(team.bridge), "execution/new", "x");
    const locked = await failure(readAt(openPass(elsewhere()), "execution/new"));
    expect(locked).toMatchObject({ code: "locked", exitCode: 5 });
    expect(locked.message).toBe("`execution/new` is not encrypted for any key of this machine");
    expect(run(elsewhere(), "pass", ["show", "execution/new"]).exitCode).not.toBe(0);
    expect(await readAt(openPass(elsewhere()), "execution/nothing")).toBeUndefined();
  });

  test("a machine that is no recipient writes for those who are, and is told that it cannot read it", async () => {
    const warnings: string[] = [];
    await writeAt(openPass(elsewhere()), "execution/drop", "for bridge", { warn: (line) => warnings.push(line) });
    expect(await readAt(openPass(team.bridge), "execution/drop")).toBe("for bridge");
    expect(warnings).toEqual([
      "no key of this machine is a recipient of the folder `execution`: it cannot read `execution/drop`",
    ]);
  });

  test("the nearest `.gpg-id` counts, with comments, addresses, subkeys and groups, as `pass` takes them", async () => {
    const machine = freshPassStore(team.bridge, "ids");
    const subkey = /^fpr:+([0-9A-F]{40}):/gm;
    const listed = gpgOf(machine, ["--with-colons", "--list-keys", machine.fingerprint], "").toString();
    const encryption = [...listed.matchAll(subkey)].at(-1)?.[1] ?? "";
    writeFileSync(
      join(machine.home, "g", "gpg.conf"),
      `group team = ${machine.fingerprint} ${team.monolith.fingerprint}\n`,
    );
    const lists = [
      `# comment\n${machine.fingerprint} # bridge\n\n`,
      "bridge@machines.test\n",
      `${encryption}!\n`,
      `0x${machine.fingerprint.slice(-16)}\r\n`,
      "team\n",
    ];
    try {
      for (const ids of lists) {
        plantFile(machine, "nested/.gpg-id", ids);
        await writeAt(openPass(machine), "nested/deep/v", ids);
        expect(passOf(machine, ["show", "nested/deep/v"])).toBe(`${ids}\n`);
        const other = {
          ...elsewhere(),
          store: machine.store,
          environment: { ...elsewhere().environment, PASSWORD_STORE_DIR: machine.store },
        };
        expect(run(other, "pass", ["show", "nested/deep/v"]).exitCode === 0, ids).toBe(ids === "team\n");
      }
    } finally {
      writeFileSync(join(machine.home, "g", "gpg.conf"), "");
    }
  });

  test("`pass rm` and our removal take away the same, and leave what is not theirs", async () => {
    const machine = freshPassStore(team.bridge, "removed");
    const store = openPass(machine);
    for (const name of ["a/b/one", "a/b/two", "a/keep"]) await writeAt(store, name, "x");
    expect(await deleteAt(store, "a/b/one")).toBe(true);
    expect(await deleteAt(store, "a/b/one")).toBe(false);
    expect(await deleteAt(store, "a/b")).toBe(false);
    passOf(machine, ["rm", "-f", "a/b/two"]);
    expect(existsSync(join(machine.store, "a/b"))).toBe(false);
    expect(await deleteAt(store, "a/keep")).toBe(true);
    expect(readdirSync(machine.store)).toEqual([".gpg-id"]);
  });

  test("one key of an entry is neither written nor removed", async () => {
    const store = openPass(team.bridge);
    expect((await failure(writeAt(store, "marketdata/databento#user", "eve"))).code).toBe("unsupported");
    expect((await failure(deleteAt(store, "marketdata/databento#user"))).code).toBe("unsupported");
    expect(await readAt(store, "marketdata/databento#user")).toBe("bob");
  });

  test("two writers at once lose nothing, each with its own process", async () => {
    const machine = freshPassStore(team.bridge, "at-once");
    const names = Array.from({ length: 6 }, (_, index) => `n${index}`);
    await Promise.all(names.map(async (name) => await writeAt(openPass(machine), `f/${name}`, name)));
    expect(await openPass(machine).list?.({})).toEqual(names.map((name) => `f/${name}`));
    await Promise.all(names.map(async (name) => await writeAt(openPass(machine), "f/same", name)));
    expect(names).toContain(await readAt(openPass(machine), "f/same"));
    expect(readdirSync(machine.store).toSorted()).toEqual([".gpg-id", "f"]);
  });

  test("the list is what `pass` has, without what cannot be addressed or is hidden", async () => {
    const machine = freshPassStore(team.bridge, "listed");
    for (const name of [
      "b.gpg",
      "a/b.gpg",
      "a/.hidden.gpg",
      ".folder/x.gpg",
      "a#b.gpg",
      "-x.gpg",
      "text.txt",
      ".gpg",
    ]) {
      plantFile(machine, name, "x");
    }
    const traces: string[] = [];
    expect(await openPass(machine).list?.({ trace: (line) => traces.push(line) })).toEqual(["a/.hidden", "a/b", "b"]);
    expect(traces).toEqual(["3 entries left out: their names cannot be addressed"]);
  });

  test("without `root` the store is `$PASSWORD_STORE_DIR`, else `~/.password-store`, and with it that directory", async () => {
    const machine = freshPassStore({ ...team.bridge }, ".password-store");
    const { PASSWORD_STORE_DIR: _left, ...environment } = machine.environment;
    const usual = { ...machine, environment };
    await writeAt(openPass(usual), "v", "in the home");
    expect(lstatSync(join(team.bridge.home, ".password-store/v.gpg")).isFile()).toBe(true);
    expect(await readAt(openPass(machine), "v")).toBe("in the home");
    expect(await readAt(openPass(team.bridge, { root: machine.store }), "v")).toBe("in the home");
    expect(await readAt(openPass(team.bridge), "v")).toBeUndefined();
  });

  test("nothing of the value is an argument, in the environment, or in a file that is not encrypted", async () => {
    const machine = freshPassStore(team.bridge, "spied");
    const spy = join(team.base, "spy");
    writeFileSync(spy, `#!/bin/sh\nprintf '%s\\n' "$@" >>'${spy}.log'\nenv >>'${spy}.log'\nexec gpg "$@"\n`, {
      mode: 0o755,
    });
    const store = openPass(machine, { program: spy }, { MXM_ROLE: "x", OPENAI_API_KEY: canary });
    await writeAt(store, "v", canary);
    expect(await readAt(store, "v")).toBe(canary);
    const seen = readFileSync(`${spy}.log`, "utf8");
    expect(seen).toContain("--encrypt");
    expect(seen).not.toMatch(/canary|MXM_|OPENAI/);
    expect(readFileSync(join(machine.store, "v.gpg"), "latin1")).not.toContain(canary);
  });
});
