import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { gopassBackend } from "../../src/backends/gopass.js";
import { isSecretsError } from "../../src/errors.js";
import {
  cloneStore,
  findGopass,
  insert,
  introduce,
  makeMachine,
  makeStore,
  must,
  removeMachine,
  shortDirectory,
} from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";

const gopass = findGopass();
if (gopass === undefined && process.env["CI"] !== undefined) {
  throw new Error("gopass is missing: run `node scripts/install-tools.mjs`");
}

const canary = "canary-5f1d";
const bytes = (text: string) => new TextEncoder().encode(text);

const contextOf = (environment: Readonly<Record<string, string>>): BackendContext => ({
  baseDirectory: "/nonexistent",
  environment,
  stateDirectory: "/nonexistent",
  now: Date.now,
  keyholdersFor: () => undefined,
  openStore: () => {
    throw new Error("gopass opens no other store");
  },
  allowInsecurePermissions: false,
});
const open = (
  machine: GopassMachine,
  environment: Readonly<Record<string, string>> = {},
  options: Readonly<Record<string, unknown>> = {},
): Backend =>
  gopassBackend.open(
    { name: "red", options: { program: gopass, ...options } },
    contextOf({ ...machine.environment, ...environment }),
  );
const read = async (backend: Backend, path: string) => {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
};
const write = async (backend: Backend, path: string, value: Uint8Array) =>
  backend.write?.(issueGrantForContract(path, "write"), value, {});
const failure = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    (value) => new Error(`resolved with ${typeof value}`),
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  expect(`${thrown.message} ${thrown.hint ?? ""}`).not.toContain(canary);
  return thrown;
};
/** Puts a file of an entry into the store as somebody else's program would. */
const plant = (machine: GopassMachine, path: string, content: Uint8Array) => {
  const file = join(machine.store, `${path}.gpg`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
};
const encrypt = (machine: GopassMachine, value: string) =>
  must(machine, "gpg", ["--batch", "--quiet", "--encrypt", "--recipient", machine.fingerprint], value);

const flip = (file: Buffer, index: number) => {
  const changed = Buffer.from(file);
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
};

describe.skipIf(gopass === undefined)("the gopass backend with the real gopass and gpg", () => {
  let base: string;
  let bridge: GopassMachine;
  let monolith: GopassMachine;

  beforeAll(() => {
    base = shortDirectory();
    bridge = makeMachine(base, "bridge");
    monolith = makeMachine(base, "monolith");
    introduce([bridge, monolith]);
    makeStore(bridge, { "": [bridge, monolith], execution: [bridge], marketdata: [bridge, monolith] }, gopass);
    insert(bridge, "marketdata/databento", `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]\n`, gopass);
    insert(bridge, "execution/broker", `${canary}\n`, gopass);
    insert(bridge, "mxm/red/a", "in the folder\n", gopass);
    cloneStore(bridge, monolith, gopass);
  }, 60_000);

  afterAll(() => {
    for (const machine of [bridge, monolith]) removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });

  describe("keeps the contract of every backend", () => {
    let count = 0;
    const cases = backendContract({
      definition: gopassBackend,
      store: () => {
        const machine = { ...bridge, store: join(bridge.home, `contract${(count += 1)}`) };
        const environment = {
          ...machine.environment,
          GOPASS_CONFIG_COUNT: "1",
          GOPASS_CONFIG_KEY_0: "mounts.path",
          GOPASS_CONFIG_VALUE_0: machine.store,
        };
        must(machine, "git", ["init", "--quiet", machine.store]);
        writeFileSync(join(machine.store, ".gpg-id"), `${machine.fingerprint}\n`);
        return { options: { program: gopass }, context: { environment } };
      },
    });
    test.each(cases.map(({ name, run: check }) => [name, check] as const))(
      "%s",
      async (_name, check) => {
        await expect(check()).resolves.toBeUndefined();
      },
      30_000,
    );
  });

  test("the whole body less its last newline is the value", async () => {
    expect(await read(open(bridge), "marketdata/databento")).toBe(
      `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]`,
    );
  });

  test("`#1` is the first line, `#key` a key of the body, and an unknown key is absent", async () => {
    const store = open(bridge);
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
    expect((await failure(read(store, "marketdata/databento#list"))).code).toBe("invalid_input");
  });

  test("an absent entry is undefined, and so is a folder", async () => {
    expect(await read(open(bridge), "marketdata/nothing")).toBeUndefined();
    expect(await read(open(bridge), "marketdata")).toBeUndefined();
    expect(await read(open(bridge), "marketdata#1")).toBeUndefined();
  });

  test("`root` puts every path into a folder", async () => {
    const store = open(bridge, {}, { root: "mxm/red" });
    expect(await read(store, "a")).toBe("in the folder");
    expect(await read(store, "marketdata/databento")).toBeUndefined();
    expect(await store.list?.({})).toEqual(["a"]);
  });

  test("a machine that is no recipient of a folder is locked out, and absence stays absence", async () => {
    const error = await failure(read(open(monolith), "execution/broker"));
    expect(error.code).toBe("locked");
    expect(error.exitCode).toBe(5);
    expect(error.message).toBe("`execution/broker` is not encrypted for any key of this machine");
    expect(await read(open(monolith), "execution/nothing")).toBeUndefined();
    expect(await read(open(monolith), "marketdata/databento#1")).toBe(canary);
  });

  test("a batch stops at the first entry it has no key for", async () => {
    const grants = ["marketdata/databento", "execution/broker"].map((path) => issueGrantForContract(path, "read"));
    expect((await failure(open(monolith).readMany?.(grants, {}) ?? Promise.resolve())).code).toBe("locked");
  });

  test("a machine that is no recipient of a folder cannot write there, and the entry stays as it was", async () => {
    const before = readFileSync(join(monolith.store, "execution/broker.gpg"));
    expect((await failure(write(open(monolith), "execution/broker", bytes("new")))).code).toBe("locked");
    expect((await failure(write(open(monolith), "execution/second", bytes("new")))).code).toBe("locked");
    expect(readFileSync(join(monolith.store, "execution/broker.gpg"))).toEqual(before);
    expect(existsSync(join(monolith.store, "execution/second.gpg"))).toBe(false);
  });

  test("a write is refused when a recipient's public key is missing or expired, because gopass would leave it out", async () => {
    const other = makeMachine(base, "other");
    try {
      const id = join(bridge.store, "guarded", ".gpg-id");
      mkdirSync(dirname(id));
      writeFileSync(id, `${bridge.fingerprint} # bridge\n${other.fingerprint}\n`);
      const missing = await failure(write(open(bridge), "guarded/a", bytes("v")));
      expect(missing.code).toBe("locked");
      expect(missing.message).toContain(other.fingerprint);
      introduce([bridge, other]);
      await write(open(bridge), "guarded/a", bytes("v"));
      must(other, "gpg", ["--batch", "--quiet", "--quick-set-expire", other.fingerprint, "seconds=1"]);
      must(bridge, "gpg", ["--batch", "--quiet", "--import"], must(other, "gpg", ["--export", other.fingerprint]));
      await expect
        .poll(async () => (await failure(write(open(bridge), "guarded/a", bytes("w")))).code, { timeout: 10_000 })
        .toBe("locked");
    } finally {
      removeMachine(other);
    }
  }, 30_000);

  test("a written value can be read by the folder's other recipients, and is committed but not pushed", async () => {
    await write(open(monolith), "marketdata/new", bytes("from monolith"));
    const log = must(monolith, "git", ["-C", monolith.store, "log", "-1", "--format=%s"]).toString();
    expect(log).toContain("marketdata/new");
    expect(must(monolith, "git", ["-C", monolith.store, "status", "-sb"]).toString()).toContain("[ahead ");
    copyFileSync(join(monolith.store, "marketdata/new.gpg"), join(bridge.store, "marketdata/new.gpg"));
    expect(await read(open(bridge), "marketdata/new")).toBe("from monolith");
  });

  test("with `push`, a remote that refuses is an error although gopass ends with 0", async () => {
    must(monolith, "git", ["-C", monolith.store, "remote", "set-url", "--push", "origin", "/nonexistent"]);
    const error = await failure(write(open(monolith, {}, { push: true }), "marketdata/pushed", bytes("v")));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("not pushed");
  });

  test.each([
    ["no newline", "one line"],
    ["an empty value", ""],
    ["several trailing newlines", "a\n\n\n"],
    ["newlines only", "\n\n"],
    ["carriage returns", "a\r\nb\r\n"],
    ["a carriage return at the end", "a\r"],
    ["NUL", "a\0b"],
    ["bytes that are no UTF-8", "\xff\xfe\n"],
    ["a reference of gopass", "gopass://marketdata/databento"],
    ["the old header of gopass", "GOPASS-SECRET-1.0\nbody"],
    ["the old header alone", "GOPASS-SECRET-1.0"],
    ["what looks like gopass's binary form", "\ncontent-transfer-encoding: Base64\nYWJj\n"],
    ["YAML", "pw\n---\na: 0123\n"],
    ["a private key", "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"],
    ["what looks like an option", "--help"],
  ])("%s: the value comes back byte for byte", async (_name, value) => {
    const store = open(bridge);
    await write(store, "bytes/value", Buffer.from(value, "latin1"));
    expect(await read(store, "bytes/value")).toBe(value);
  });

  test("every byte and a value of 1 MiB come back byte for byte, as text and as binary", async () => {
    const store = open(bridge);
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString("latin1");
    for (const value of [every, "x".repeat(1024 * 1024), `${every}\r\n`.repeat(4096)]) {
      await write(store, "bytes/large", Buffer.from(value, "latin1"));
      expect((await read(store, "bytes/large")) === value).toBe(true);
    }
  });

  test("`gopass fsck --decrypt`, which encrypts everything again, leaves every value as it was", async () => {
    const separate = { ...bridge, store: join(bridge.home, "fsck") };
    makeStore(separate, { "": [bridge] }, gopass);
    try {
      const pem = "-----BEGIN KEY-----\nProc-Type: 4\n\nAAAA\n-----END KEY-----";
      const plain = [
        "",
        "\n",
        "a\n\n",
        "a\r\n",
        "\0",
        "\xff",
        "pw\nuser: 0123\n",
        "GOPASS-SECRET-1.0\nx",
        "GOPASS-SECRET-1.0",
      ];
      const yaml = [
        "pw\n---\npin: 0123",
        "pw\n---",
        "---\npin: 0123",
        " --- \n",
        "pw\n---: 0123",
        "pw\n--- {pin: 0123}",
      ];
      const blocks = [pem, `pw\n${pem}`, `${pem}\n${pem}\nuser: 0123`, `${pem}\nuser: 0123\n---\npin: 0123`];
      const values = [...plain, ...yaml, ...blocks];
      const store = open(separate);
      for (const [index, value] of values.entries()) await write(store, `v${index}`, Buffer.from(value, "latin1"));
      const before = readFileSync(join(separate.store, "v1.gpg"));
      must(separate, gopass ?? "gopass", ["fsck", "--decrypt"]);
      expect(readFileSync(join(separate.store, "v1.gpg"))).not.toEqual(before);
      expect(await Promise.all(values.map((_value, index) => read(store, `v${index}`)))).toEqual(values);
    } finally {
      must(bridge, gopass ?? "gopass", ["config", "mounts.path", bridge.store]);
    }
  });

  test("what `gopass cat` stored is read decoded, and what is written as binary can be read by `gopass cat`", async () => {
    insert(bridge, "bytes/ignored", "x\n", gopass);
    must(bridge, gopass ?? "gopass", ["cat", "bytes/cat"], Buffer.from([0, 1, 2, 13, 10]));
    expect(await read(open(bridge), "bytes/cat")).toBe("\0\x01\x02\r\n");
    await write(open(bridge), "bytes/nul", Buffer.from("a\0b"));
    // `gopass cat` takes a standard input that is no terminal for a new value.
    const script = `exec '${gopass}' cat bytes/nul </dev/null`;
    expect(must(bridge, "sh", ["-c", script]).toString("latin1")).toBe("a\0b");
  });

  test.each([
    "with space",
    " lead",
    "trail ",
    "dot.ted",
    "ü€",
    "a:b",
    "a=b",
    "a@b",
    "*",
    "~",
    "$HOME",
    "%20",
    "%s",
    'a"b',
    "'",
    "x.gpg",
    ".hidden",
    "..x",
    "a,b;c|d&e",
    "n".repeat(251),
  ])("the name `%s` is stored, listed, read and removed", async (name) => {
    const store = open(bridge);
    const path = `odd/${name}`;
    expect(gopassBackend.paths.fault(path)).toBeUndefined();
    await write(store, path, bytes("v"));
    expect(await store.list?.({})).toContain(path);
    expect(await read(store, path)).toBe("v");
    expect(await store.delete?.(issueGrantForContract(path, "write"), {})).toBe(true);
    expect(await read(store, path)).toBeUndefined();
  });

  test("a folder is not removed, and one key of an entry is neither written nor removed", async () => {
    const store = open(bridge);
    expect(await store.delete?.(issueGrantForContract("marketdata", "write"), {})).toBe(false);
    expect((await failure(write(store, "marketdata/databento#user", bytes("eve")))).code).toBe("unsupported");
    const removed = store.delete?.(issueGrantForContract("marketdata/databento#user", "write"), {});
    expect((await failure(removed ?? Promise.resolve())).code).toBe("unsupported");
    expect(await read(store, "marketdata/databento#user")).toBe("bob");
  });

  test("a signal cancels a read", async () => {
    const controller = new AbortController();
    const reading = open(bridge).read(issueGrantForContract("marketdata/databento", "read"), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 5);
    expect((await failure(reading)).code).toBe("cancelled");
  });

  describe("a file of an entry that is not as it should be", () => {
    test.each<[string, () => Buffer | Uint8Array]>([
      ["changed in its encrypted part", () => flip(encrypt(bridge, canary), -1 + encrypt(bridge, canary).length)],
      ["cut short", () => encrypt(bridge, canary).subarray(0, 60)],
      ["cut short in its encrypted part", () => encrypt(bridge, canary).subarray(0, -5)],
      ["empty", () => Buffer.alloc(0)],
      ["not OpenPGP", () => Buffer.from(`${canary}\n`)],
      [
        "a literal packet that was never encrypted",
        () => must(bridge, "gpg", ["--batch", "--quiet", "--store"], canary),
      ],
    ])("%s: an integrity error, and no value", async (_name, content) => {
      plant(bridge, "bad/entry", content());
      const error = await failure(read(open(bridge), "bad/entry"));
      expect([error.code, error.exitCode]).toEqual(["integrity", 6]);
    });

    test("encrypted with a passphrase instead of a key: locked", async () => {
      const argv = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "p", "--symmetric"];
      plant(bridge, "bad/symmetric", must(bridge, "gpg", argv, canary));
      expect((await failure(read(open(bridge), "bad/symmetric"))).code).toBe("locked");
    });

    test("encrypted for nobody by name, but for us: read", async () => {
      const argv = ["--batch", "--quiet", "--throw-keyids", "--encrypt", "--recipient", bridge.fingerprint];
      plant(bridge, "bad/hidden", must(bridge, "gpg", argv, "hidden"));
      expect(await read(open(bridge), "bad/hidden")).toBe("hidden");
    });
  });

  test("a key whose passphrase nobody can give is locked, and the message says how to unlock it", async () => {
    const machine = makeMachine(base, "locked");
    try {
      const withPassphrase = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "p"];
      must(machine, "gpg", [...withPassphrase, "--quick-generate-key", "locked2", "rsa2048", "encr", "never"]);
      makeStore(machine, { "": [machine] }, gopass);
      const argv = ["--batch", "--quiet", "--trust-model", "always", "--encrypt", "--recipient", "locked2"];
      plant(machine, "a", must(machine, "gpg", argv, canary));
      must(machine, "gpgconf", ["--kill", "all"]);
      const error = await failure(read(open(machine), "a"));
      expect(error.code).toBe("locked");
      expect(error.message).toBe("the key for `a` is on this machine, but could not be used");
    } finally {
      removeMachine(machine);
    }
  }, 30_000);

  test("a key ring that is gone is locked", async () => {
    const error = await failure(read(open(bridge, { GNUPGHOME: join(base, "nothing") }), "marketdata/databento"));
    expect(error.code).toBe("locked");
  });

  test("a store that is not initialised and a missing gpg say so, each in its own way", async () => {
    const empty = join(base, "empty");
    const fresh = { PATH: process.env["PATH"] ?? "", HOME: empty, XDG_CONFIG_HOME: "", XDG_DATA_HOME: "" };
    const uninitialised = await failure(
      read(gopassBackend.open({ name: "red", options: { program: gopass } }, contextOf(fresh)), "a"),
    );
    expect(uninitialised).toMatchObject({ code: "unavailable", reason: "not_initialised" });
    const only = join(base, "only");
    mkdirSync(only);
    symlinkSync(gopass ?? "", join(only, "gopass"));
    expect(await failure(read(open(bridge, { PATH: only }), "a"))).toMatchObject({
      code: "unavailable",
      reason: "not_installed",
      message: "gopass is installed, but `gpg` is not",
    });
    expect(await failure(read(open(bridge, {}, { program: "gopass-of-nowhere" }), "a"))).toMatchObject({
      code: "unavailable",
      reason: "not_installed",
      message: "`gopass-of-nowhere` is not installed",
    });
  });

  test("gopass's own `core.readonly` is told as such", async () => {
    const environment = {
      GOPASS_CONFIG_COUNT: "1",
      GOPASS_CONFIG_KEY_0: "core.readonly",
      GOPASS_CONFIG_VALUE_0: "true",
    };
    expect((await failure(write(open(bridge, environment), "marketdata/databento", bytes("v")))).code).toBe(
      "unsupported",
    );
  });

  test("a mount is part of the store, with its own recipients", async () => {
    const mounted = join(base, "mounted");
    must(bridge, "git", ["init", "--quiet", mounted]);
    writeFileSync(join(mounted, ".gpg-id"), `${bridge.fingerprint}\n`);
    must(bridge, gopass ?? "gopass", ["mounts", "add", "team", mounted]);
    try {
      await write(open(bridge), "team/a", bytes("in a mount"));
      expect(existsSync(join(mounted, "a.gpg"))).toBe(true);
      expect(await read(open(bridge), "team/a")).toBe("in a mount");
      const report = await open(bridge).check?.(["team/a"], {}, new Map());
      expect(report?.presence.get("team/a")).toBe("present");
    } finally {
      must(bridge, gopass ?? "gopass", ["mounts", "remove", "team"]);
    }
  });

  describe("check", () => {
    test("tells present, unreadable and absent apart without decrypting, and finds nothing in a healthy store", async () => {
      const paths = [
        "marketdata/databento",
        "marketdata/databento#user",
        "execution/broker",
        "execution/nothing",
        "execution",
      ];
      const report = await open(monolith, { GPG_TTY: "" }).check?.(paths, {}, new Map());
      expect(report?.findings).toEqual([]);
      expect([...(report?.presence.values() ?? [])]).toEqual(["present", "present", "unreadable", "absent", "absent"]);
    });

    test("finds a file that is not encrypted", async () => {
      plant(bridge, "bad/plain", must(bridge, "gpg", ["--batch", "--quiet", "--store"], canary));
      const report = await open(bridge).check?.(["bad/plain"], {}, new Map());
      expect(report?.findings).toMatchObject([{ severity: "problem", code: "integrity" }]);
    });

    test("reports a store that is not initialised and a user without a key, and throws nothing", async () => {
      const missing = await open(bridge, {}, { program: "gopass-of-nowhere" }).check?.(["a"], {}, new Map());
      expect(missing?.findings).toMatchObject([{ code: "unavailable", unavailable: "not_installed" }]);
      expect(missing?.presence.get("a")).toBe("unknown");
      const keyless = join(base, "keyless");
      mkdirSync(keyless, { mode: 0o700 });
      const report = await open(bridge, { GNUPGHOME: keyless }).check?.(["execution/broker"], {}, new Map());
      expect(report?.findings).toMatchObject([{ code: "locked" }]);
      expect(report?.presence.get("execution/broker")).toBe("unreadable");
    });
  });

  test("no value is ever an argument: what `ps` could see of a write is the name", async () => {
    const spy = join(base, "spy");
    const log = join(base, "spy.log");
    writeFileSync(spy, `#!/bin/sh\nprintf '%s\\n' "$@" >>'${log}'\nenv >>'${log}'\nexec '${gopass}' "$@"\n`);
    chmodSync(spy, 0o755);
    await write(open(bridge, {}, { program: spy }), "marketdata/spied", bytes(canary));
    const seen = readFileSync(log, "utf8");
    expect(seen).toContain("marketdata/spied");
    expect(seen).not.toContain(canary);
  });

  test("the environment of gopass holds no variable of ours and no debug log", async () => {
    const spy = join(base, "environment");
    const log = join(base, "environment.log");
    writeFileSync(spy, `#!/bin/sh\nenv >'${log}'\nexec '${gopass}' "$@"\n`);
    chmodSync(spy, 0o755);
    const environment = { MXM_ROLE: "x", OPENAI_API_KEY: canary, GOPASS_DEBUG_LOG: join(base, "debug.log") };
    await read(open(bridge, environment, { program: spy }), "marketdata/databento");
    expect(readFileSync(log, "utf8")).not.toMatch(/MXM_|OPENAI|GOPASS_DEBUG/);
    expect(existsSync(join(base, "debug.log"))).toBe(false);
  });
});
