import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backendContract } from "../../src/backends/contract-suite.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import type { ContractStore } from "../../src/backends/contract-setup.js";
import { keychainBackend } from "../../src/backends/keychain.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { bytes, canary, check, failure, open, read, remove, text, write } from "../support/keychain-backend.js";
import { hasSecretService, startBus, startSecretService, startStuckBus } from "../support/secret-service.js";
import type { Session } from "../support/secret-service.js";

describe.skipIf(!hasSecretService)("the keychain backend with a real Secret Service (gnome-keyring)", () => {
  let session: Session;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    session = await startSecretService((end) => ends.unshift(end));
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  describe("keeps the contract of every backend", () => {
    let count = 0;
    /** A service of its own: an empty store. */
    const fresh = ({ environment }: Session): ContractStore => ({
      options: { service: `contract ${(count += 1)}` },
      context: { environment },
    });
    const holding = (store: ContractStore, { secretTool }: Session, ...more: readonly string[]) => {
      const service = String(store.options["service"]);
      secretTool(["store", "--label=x", "service", service, "username", "alpha", ...more], hiddenValue);
      return store;
    };
    const cases = backendContract({
      definition: keychainBackend,
      store: () => fresh(session),
      states: {
        denied: "a keychain is locked or open; it refuses no program of its user",
        locked: async () => {
          const locked = await startSecretService();
          const store = holding(fresh(locked), locked);
          locked.lock();
          return store;
        },
        unavailable: async () => fresh(await startBus()),
        corrupt: () => {
          const store = fresh(session);
          holding(store, session, "of", "one program");
          return holding(store, session, "of", "another");
        },
      },
      names: {
        held: ["a", "UPPER", "upper", "with space", "a:b@c#d%e", "☃/𝄞", "e\u0301", "é", `x/${"y".repeat(1022)}`],
        refused: ["a//b", "../x", "tab\there", "\ud800", "z".repeat(1025)],
      },
      slow: async () => {
        const bus = await startStuckBus();
        return { options: {}, context: { environment: bus.environment }, waiting: bus.waiting, left: bus.left };
      },
      concurrency: "one program reads the values of a call, one after the other; of several calls, two at once",
    });
    test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  test("the desktop's own client reads what was written, and the other way round", async () => {
    const store = open(session.environment, { service: "interop" });
    await write(store, "smtp/password", bytes(canary));
    expect(session.secretTool(["lookup", "service", "interop", "username", "smtp/password"]).toString()).toBe(canary);
    session.secretTool(["store", "--label=other", "service", "interop", "username", "theirs"], "two\nlines\n");
    expect(await text(store, "theirs")).toBe("two\nlines\n");
    expect(await remove(store, "theirs")).toBe(true);
    expect(() => session.secretTool(["lookup", "service", "interop", "username", "theirs"])).toThrow(/ theirs: 1 /);
  });

  test("the service is `mxm-secrets` unless said otherwise, and another service is another store", async () => {
    await write(open(session.environment), "a", bytes("ours"));
    expect(session.secretTool(["lookup", "service", "mxm-secrets", "username", "a"]).toString()).toBe("ours");
    expect(await read(open(session.environment, { service: "Other" }), "a")).toBeUndefined();
  });

  test("several entries of one name are refused, for every operation, and stay", async () => {
    const store = open(session.environment, { service: "twice" });
    for (const value of ["1", "2"]) {
      session.secretTool(["store", "--label=x", "service", "twice", "username", "a", "x", value], canary);
    }
    for (const work of [() => read(store, "a"), () => write(store, "a", bytes("b")), () => remove(store, "a")]) {
      const error = await failure(work());
      expect(error).toMatchObject({
        code: "integrity",
        message: "the keychain holds more than one entry `a` of this service",
      });
    }
    expect(session.secretTool(["lookup", "service", "twice", "username", "a", "x", "2"]).toString()).toBe(canary);
    await write(store, "b", bytes("b"));
    const report = await check(store, ["b", "a", "c"]);
    expect([...report.presence]).toEqual([
      ["b", "present"],
      ["a", "unknown"],
      ["c", "absent"],
    ]);
    expect(report.findings).toMatchObject([{ severity: "problem", code: "integrity" }]);
  });

  test("a locked keychain is locked for reading, writing, removing and check, and nothing is written", async () => {
    const own = await startSecretService();
    const store = open(own.environment);
    await write(store, "a", bytes(canary));
    own.lock();
    for (const work of [() => read(store, "a"), () => write(store, "a", bytes("b")), () => remove(store, "a")]) {
      const error = await failure(work());
      expect(error).toMatchObject({ code: "locked", exitCode: 5 });
      expect(error.hint).toContain("unlock it");
    }
    // Some services show no entries while they are locked, so that nothing can be said to be absent then.
    expect(await failure(read(store, "nothing"))).toMatchObject({ code: "locked" });
    expect(await failure(remove(store, "nothing"))).toMatchObject({ code: "locked" });
    for (const path of ["a", "nothing"]) {
      const report = await check(store, [path]);
      expect(report.presence.get(path)).toBe("unknown");
      expect(report.findings).toMatchObject([{ code: "locked" }]);
    }
  });

  test("in a chain, only what is absent is looked for in the next store, or what no keychain is there for", async () => {
    const own = await startSecretService();
    const headless = await startBus();
    const ask = async (environment: Readonly<Record<string, string>>, secretName: string) => {
      const api = SecretsApi.fromConfigData(
        {
          stores: {
            desk: { backend: "keychain" },
            next: { backend: "env" },
            layered: { backend: "chain", stores: ["desk", "next"] },
          },
          refs: { a: { store: "layered", policy: "all" }, b: { store: "layered", policy: "all" } },
          policies: { all: { allowed_principals: ["service"] } },
        },
        { environment: { ...environment, A: "next", B: "next" } },
      );
      const identity = { role: "service", environment: "test", machine: "here" };
      return api.getSecret({ secretName, identity });
    };
    await write(open(own.environment), "a", bytes("desk"));
    expect([await ask(own.environment, "a"), await ask(own.environment, "b")]).toEqual(["desk", "next"]);
    expect(await ask(headless.environment, "a")).toBe("next");
    own.lock();
    for (const name of ["a", "b"]) {
      expect(await failure(ask(own.environment, name))).toMatchObject({ code: "locked" });
    }
  });

  test("`check` asks an empty store too, and says which entries it holds", async () => {
    const store = open(session.environment, { service: "checked" });
    expect(await check(store, [])).toEqual({ findings: [], presence: new Map() });
    await write(store, "a", bytes(canary));
    const report = await check(store, ["a", "b"]);
    expect([...report.presence.values()]).toEqual(["present", "absent"]);
    expect(report.findings).toEqual([]);
  });

  test("values as long as the limit pass in one batch with others", async () => {
    const store = open(session.environment, { service: "long" });
    const long = new Uint8Array(keychainBackend.maximumValueBytes).map((_, index) => index % 251);
    await write(store, "long", long);
    await write(store, "short", bytes(canary));
    expect(Buffer.from((await read(store, "long")) ?? "").equals(long)).toBe(true);
    expect(await text(store, "short")).toBe(canary);
  });
});

describe.skipIf(!hasSecretService)("on a machine without a keychain", () => {
  const isHeadless = {
    code: "unavailable",
    reason: "not_initialised",
    exitCode: 4,
    message: "there is no keychain here: no Secret Service on a D-Bus session bus",
  };

  test("without a bus it says so, and what to use instead", async () => {
    for (const work of [
      () => read(open({}), "a"),
      () => write(open({}), "a", bytes("b")),
      () => remove(open({}), "a"),
    ]) {
      const error = await failure(work());
      expect(error).toMatchObject(isHeadless);
      expect(error.hint).toMatch(/`sealed` store.*systemd.*`keyring: kernel`/);
    }
    expect((await check(open({}), [])).findings).toMatchObject([
      { code: "unavailable", unavailable: "not_initialised", message: isHeadless.message },
    ]);
  });

  test("a bus with no Secret Service on it is the same", async () => {
    const { environment } = await startBus();
    expect(await failure(read(open(environment), "a"))).toMatchObject(isHeadless);
  });

  test("a bus that is gone is unreachable, which stops a chain", async () => {
    const environment = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" };
    expect(await failure(read(open(environment), "a"))).toMatchObject({ code: "unavailable", reason: "unreachable" });
  });

  test("a bus that hangs does not keep this process: it goes on, and the signal ends the wait", async () => {
    const bus = await startStuckBus();
    const controller = new AbortController();
    const checking = open(bus.environment).check?.(["a"], { signal: controller.signal }, new Map());
    await bus.waiting();
    let turns = 0;
    for (; turns < 3; turns++) await new Promise(setImmediate);
    expect(turns).toBe(3);
    controller.abort();
    expect(await failure(checking ?? Promise.resolve())).toMatchObject({ code: "cancelled" });
    expect(await bus.left()).toBe(0);
  });
});
