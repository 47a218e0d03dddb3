import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { gopassBackend } from "../../src/backends/gopass.js";
import { introduce, makeMachine, must, removeMachine } from "../support/gopass.js";
import {
  bytes,
  canary,
  encrypt,
  failure,
  flip,
  gopass,
  makeTeam,
  open,
  plant,
  read,
  removeTeam,
  write,
} from "../support/gopass-backend.js";
import type { Team } from "../support/gopass-backend.js";
import { stuckProgram, watchProgram } from "../support/watched-program.js";

describe.skipIf(gopass === undefined)("the gopass backend with the real gopass and gpg", { timeout: 60_000 }, () => {
  let team: Team;
  beforeAll(() => {
    team = makeTeam();
  }, 60_000);
  afterAll(() => removeTeam(team));

  describe("keeps the contract of every backend", () => {
    let count = 0;
    const freshStore = (program = gopass ?? "") => {
      const machine = { ...team.bridge, store: join(team.bridge.home, `contract${(count += 1)}`) };
      const environment = {
        ...machine.environment,
        GOPASS_CONFIG_COUNT: "1",
        GOPASS_CONFIG_KEY_0: "mounts.path",
        GOPASS_CONFIG_VALUE_0: machine.store,
      };
      must(machine, "git", ["init", "--quiet", machine.store]);
      writeFileSync(join(machine.store, ".gpg-id"), `${machine.fingerprint}\n`);
      return { machine, options: { program }, context: { environment } };
    };
    const storeWith = (content: () => Uint8Array, program = gopass) => {
      const store = freshStore(program);
      plant(store.machine, "alpha", content());
      return store;
    };
    const hidden = () => encrypt(team.bridge, `${hiddenValue}\n`);
    const cases = backendContract({
      definition: gopassBackend,
      store: () => freshStore(),
      states: {
        denied: "gopass refuses nobody who has a key, and who has none is locked out",
        locked: () => {
          const store = storeWith(hidden);
          const environment = { ...store.context.environment, GNUPGHOME: join(team.base, "nobody") };
          return { ...store, context: { environment } };
        },
        unavailable: () => storeWith(hidden, "gopass-of-nowhere"),
        corrupt: () => {
          const entry = hidden();
          return storeWith(() => flip(entry, entry.length - 1));
        },
      },
      names: {
        held: ["a", "with space/ключ", "x/-y", "a..b", "folder/.hidden", "n".repeat(251), `${"f".repeat(255)}/n`],
        refused: ["-a", ":a", ".folder/a", "a/.folder/b", "a#", "n".repeat(252), `${"f".repeat(256)}/n`, "a/../b"],
      },
      slow: () => {
        const { program, waiting, left } = stuckProgram(team.base, "gopass");
        return { ...freshStore(program), waiting, left };
      },
      concurrency: {
        most: 2,
        store: () => {
          const { program, peak } = watchProgram(team.base, "gopass", gopass ?? "");
          return { ...freshStore(program), peak };
        },
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
    expect(await read(open(team.bridge), "marketdata/databento")).toBe(
      `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]`,
    );
  });

  test("`#1` is the first line, `#key` a key of the body, and an unknown key is absent", async () => {
    const store = open(team.bridge);
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
    expect(await read(open(team.bridge), "marketdata/nothing")).toBeUndefined();
    expect(await read(open(team.bridge), "marketdata")).toBeUndefined();
    expect(await read(open(team.bridge), "marketdata#1")).toBeUndefined();
  });

  test("`root` puts every path into a folder", async () => {
    const store = open(team.bridge, {}, { root: "mxm/red" });
    expect(await read(store, "a")).toBe("in the folder");
    expect(await read(store, "marketdata/databento")).toBeUndefined();
    expect(await store.list?.({})).toEqual(["a"]);
  });

  test("a machine that is no recipient of a folder is locked out, and absence stays absence", async () => {
    const error = await failure(read(open(team.monolith), "execution/broker"));
    expect(error.code).toBe("locked");
    expect(error.exitCode).toBe(5);
    expect(error.message).toBe("`execution/broker` is not encrypted for any key of this machine");
    expect(await read(open(team.monolith), "execution/nothing")).toBeUndefined();
    expect(await read(open(team.monolith), "marketdata/databento#1")).toBe(canary);
  });

  test("a batch stops at the first entry it has no key for", async () => {
    const grants = ["marketdata/databento", "execution/broker"].map((path) => issueGrantForContract(path, "read"));
    expect((await failure(open(team.monolith).readMany?.(grants, {}) ?? Promise.resolve())).code).toBe("locked");
  });

  test("a machine that is no recipient of a folder cannot write there, and the entry stays as it was", async () => {
    const before = readFileSync(join(team.monolith.store, "execution/broker.gpg"));
    expect((await failure(write(open(team.monolith), "execution/broker", bytes("new")))).code).toBe("locked");
    expect((await failure(write(open(team.monolith), "execution/second", bytes("new")))).code).toBe("locked");
    expect(readFileSync(join(team.monolith.store, "execution/broker.gpg"))).toEqual(before);
    expect(existsSync(join(team.monolith.store, "execution/second.gpg"))).toBe(false);
  });

  test("a write is refused when a recipient's public key is missing or expired, because gopass would leave it out", async () => {
    const other = makeMachine(team.base, "other");
    try {
      const id = join(team.bridge.store, "guarded", ".gpg-id");
      mkdirSync(dirname(id));
      writeFileSync(id, `${team.bridge.fingerprint} # bridge\n${other.fingerprint}\n`);
      const missing = await failure(write(open(team.bridge), "guarded/a", bytes("v")));
      expect(missing.code).toBe("locked");
      expect(missing.message).toContain(other.fingerprint);
      introduce([team.bridge, other]);
      await write(open(team.bridge), "guarded/a", bytes("v"));
      must(other, "gpg", ["--batch", "--quiet", "--quick-set-expire", other.fingerprint, "seconds=1"]);
      must(team.bridge, "gpg", ["--batch", "--quiet", "--import"], must(other, "gpg", ["--export", other.fingerprint]));
      await expect
        .poll(async () => (await failure(write(open(team.bridge), "guarded/a", bytes("w")))).code, { timeout: 10_000 })
        .toBe("locked");
    } finally {
      removeMachine(other);
    }
  }, 30_000);

  test("a written value can be read by the folder's other recipients, and is committed but not pushed", async () => {
    await write(open(team.monolith), "marketdata/new", bytes("from monolith"));
    const log = must(team.monolith, "git", ["-C", team.monolith.store, "log", "-1", "--format=%s"]).toString();
    expect(log).toContain("marketdata/new");
    expect(must(team.monolith, "git", ["-C", team.monolith.store, "status", "-sb"]).toString()).toContain("[ahead ");
    copyFileSync(join(team.monolith.store, "marketdata/new.gpg"), join(team.bridge.store, "marketdata/new.gpg"));
    expect(await read(open(team.bridge), "marketdata/new")).toBe("from monolith");
  });

  test("with `push`, a remote that refuses is an error although gopass ends with 0", async () => {
    must(team.monolith, "git", ["-C", team.monolith.store, "remote", "set-url", "--push", "origin", "/nonexistent"]);
    const error = await failure(write(open(team.monolith, {}, { push: true }), "marketdata/pushed", bytes("v")));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("not pushed");
  });

  test("a folder is not removed, and one key of an entry is neither written nor removed", async () => {
    const store = open(team.bridge);
    expect(await store.delete?.(issueGrantForContract("marketdata", "write"), {})).toBe(false);
    expect((await failure(write(store, "marketdata/databento#user", bytes("eve")))).code).toBe("unsupported");
    const removed = store.delete?.(issueGrantForContract("marketdata/databento#user", "write"), {});
    expect((await failure(removed ?? Promise.resolve())).code).toBe("unsupported");
    expect(await read(store, "marketdata/databento#user")).toBe("bob");
  });

  test("a signal cancels a read", async () => {
    const controller = new AbortController();
    const reading = open(team.bridge).read(issueGrantForContract("marketdata/databento", "read"), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 5);
    expect((await failure(reading)).code).toBe("cancelled");
  });

  test("no value is ever an argument: what `ps` could see of a write is the name", async () => {
    const spy = join(team.base, "spy");
    const log = join(team.base, "spy.log");
    writeFileSync(spy, `#!/bin/sh\nprintf '%s\\n' "$@" >>'${log}'\nenv >>'${log}'\nexec '${gopass}' "$@"\n`);
    chmodSync(spy, 0o755);
    await write(open(team.bridge, {}, { program: spy }), "marketdata/spied", bytes(canary));
    const seen = readFileSync(log, "utf8");
    expect(seen).toContain("marketdata/spied");
    expect(seen).not.toContain(canary);
  });

  test("the environment of gopass holds no variable of ours and no debug log", async () => {
    const spy = join(team.base, "environment");
    const log = join(team.base, "environment.log");
    writeFileSync(spy, `#!/bin/sh\nenv >'${log}'\nexec '${gopass}' "$@"\n`);
    chmodSync(spy, 0o755);
    const environment = { MXM_ROLE: "x", OPENAI_API_KEY: canary, GOPASS_DEBUG_LOG: join(team.base, "debug.log") };
    await read(open(team.bridge, environment, { program: spy }), "marketdata/databento");
    expect(readFileSync(log, "utf8")).not.toMatch(/MXM_|OPENAI|GOPASS_DEBUG/);
    expect(existsSync(join(team.base, "debug.log"))).toBe(false);
  });
});
