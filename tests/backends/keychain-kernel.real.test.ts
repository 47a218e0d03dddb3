import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { backendContract } from "../../src/backends/contract-suite.js";
import { keychainBackend } from "../../src/backends/keychain.js";
import { bytes, canary, check, failure, open, read, remove, text, write } from "../support/keychain-backend.js";
import {
  forgetService,
  hasKernelKeyring,
  hasSessionKeyring,
  useOwnNode,
  printKey,
  useRevokedKeyring,
  useSessionKeyring,
} from "../support/kernel-keyring.js";

describe.skipIf(!hasKernelKeyring)("the keychain backend with the kernel's keyrings", () => {
  const service = `mxm-test-${process.pid}`;
  let giveBack: () => void;
  beforeAll(() => {
    giveBack = useSessionKeyring();
  });
  afterAll(() => {
    giveBack();
    forgetService(service);
  });
  const kernel = (name = service) => open({}, { keyring: "kernel", service: name });

  describe("keeps the contract of every backend", () => {
    let count = 0;
    const services: string[] = [];
    afterAll(() => services.forEach(forgetService));
    const cases = backendContract({
      definition: keychainBackend,
      store: () => {
        const own = `${service}-${(count += 1)}`;
        services.push(own);
        return { options: { keyring: "kernel", service: own } };
      },
      values: [
        bytes("plain"),
        bytes("one\ntwo\n"),
        bytes("☃ 𝄞"),
        Uint8Array.from({ length: 256 }, (_, index) => index),
      ],
      // Of an ordinary user the kernel takes 20,000 bytes in all.
      largest: 4096,
      states: {
        denied: "the kernel tells a key this process may not read by the same answer as a keyring it may not use",
        locked: "keys of the kernel are not encrypted: there is nothing to unlock",
        unavailable: () => {
          onTestFinished(useRevokedKeyring());
          return { options: { keyring: "kernel", service } };
        },
        corrupt: "a key has no form that could be damaged, and one name has one key",
      },
      names: {
        held: ["a", "UPPER", "upper", "with space", "a:b@c#d%e", "☃/𝄞", "e\u0301", "é", `x/${"y".repeat(1022)}`],
        refused: ["a//b", "../x", "tab\there", "\ud800", "z".repeat(1025)],
      },
      slow: "the kernel answers at once",
      concurrency: "one program reads the values of a call, one after the other; of several calls, two at once",
    });
    test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  test("the key is `service:path` in the persistent keyring, where `keyctl` finds it", async () => {
    await write(kernel(), "smtp/password", bytes(canary));
    expect(printKey(`${service}:smtp/password`)).toBe(canary);
    expect(await text(kernel(), "smtp/password")).toBe(canary);
    expect(await remove(kernel(), "smtp/password")).toBe(true);
    expect(() => printKey(`${service}:smtp/password`)).toThrow(/not available/);
  });

  test.skipIf(hasSessionKeyring)(
    "a process without a session keyring, as cron starts one, reads and writes the same",
    async () => {
      onTestFinished(useOwnNode());
      await write(kernel(), "from/cron", bytes(canary));
      expect(printKey(`${service}:from/cron`)).toBe(canary);
      expect(await text(kernel(), "from/cron")).toBe(canary);
      expect((await check(kernel(), ["from/cron"])).presence.get("from/cron")).toBe("present");
      expect(await remove(kernel(), "from/cron")).toBe(true);
    },
  );

  test("what the kernel cannot hold is refused before it is asked", async () => {
    for (const length of [0, 32_768]) {
      const error = await failure(write(kernel(), "a", new Uint8Array(length)));
      expect(error).toMatchObject({ code: "invalid_input" });
      expect(error.message).toBe(`the value is ${length} bytes; the kernel keyring holds 1 to 32767`);
    }
    expect(await read(kernel(), "a")).toBeUndefined();
  });

  test("a process whose session keyring is gone is told how to get another", async () => {
    onTestFinished(useRevokedKeyring());
    const error = await failure(read(kernel(), "a"));
    expect(error).toMatchObject({ code: "unavailable", message: "the kernel lets this process use no keyring" });
    expect(error.hint).toContain("`keyctl session - COMMAND`");
    expect((await check(kernel(), ["a"])).findings).toMatchObject([{ code: "unavailable" }]);
  });

  test("`check` says which entries there are", async () => {
    await write(kernel(), "there", bytes(canary));
    expect([...(await check(kernel(), ["there", "gone"])).presence.values()]).toEqual(["present", "absent"]);
  });
});
