import { expect, test } from "vitest";
import { importValues } from "../../src/cli/import-values.js";
import type { ImportSession } from "../../src/cli/import-values.js";
import { Secret } from "../../src/domain/secret.js";
import { AccessDeniedError, IntegrityError, UnavailableError } from "../../src/errors.js";
import { rejection } from "../support/scratch.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const items = ["a", "b", "c"].map((name) => ({ name, value: bytes(`value of ${name}`) }));

/** A store in memory; `write` may keep something else than it was given. */
function useStore(write: (name: string, value: Uint8Array) => Uint8Array, denied = "") {
  const held = new Map<string, Uint8Array>();
  const settled: string[] = [];
  const session: ImportSession = {
    ask: (secretName) => ({ secretName, identity: { environment: "dev", machine: "here", role: "developer" } }),
    requireAllowed: async (name) => {
      if (name === denied) throw new AccessDeniedError("denied");
    },
    config: { refs: new Map(), stores: new Map() },
    api: {
      openSecrets: async (requests) =>
        requests.map(({ secretName }) => {
          const value = held.get(secretName);
          return value === undefined ? undefined : new Secret(secretName, value);
        }),
      setSecret: async ({ secretName, value }) => {
        held.set(secretName, write(secretName, typeof value === "string" ? bytes(value) : value));
      },
    },
  };
  const plan = {
    overwrite: false,
    includePlaceholders: false,
    dryRun: false,
    settle: async (names: readonly string[]) => void settled.push(...names),
  };
  return { held, settled, run: async () => importValues(session, items, plan) };
}

test("a store that gives back something else is told by name, and no name is written down", async () => {
  const { run, settled } = useStore((name, value) => (name === "b" ? value.subarray(1) : value));
  const error = await rejection(run());
  expect(error).toBeInstanceOf(IntegrityError);
  expect(error).toMatchObject({ message: "the store gives back something else for `b`" });
  expect(settled).toEqual([]);
});

test("a store that fails half-way has the names of what it took written down", async () => {
  const { run, settled } = useStore((name, value) => {
    if (name === "c") throw new UnavailableError("away");
    return value;
  });
  expect(await rejection(run())).toBeInstanceOf(UnavailableError);
  expect(settled).toEqual(["a", "b"]);
});

test("one denied name, and nothing is written", async () => {
  const { run, held, settled } = useStore((_, value) => value, "c");
  expect(await rejection(run())).toBeInstanceOf(AccessDeniedError);
  expect([held.size, settled]).toEqual([0, []]);
});
