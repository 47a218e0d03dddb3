import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
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
} from "./gopass.js";
import type { GopassMachine } from "./gopass.js";

/** The gopass to test with; without one the tests are skipped, except where everything must be there. */
export const gopass = findGopass();
if (gopass === undefined && process.env["CI"] !== undefined) {
  throw new Error("gopass is missing: run `node scripts/install-tools.mjs`");
}

/** Part of every value that must not appear where it was not asked for. */
export const canary = "canary-5f1d";
export const bytes = (text: string) => new TextEncoder().encode(text);

export const contextOf = (environment: Readonly<Record<string, string>>): BackendContext => ({
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
export const open = (
  machine: GopassMachine,
  environment: Readonly<Record<string, string>> = {},
  options: Readonly<Record<string, unknown>> = {},
): Backend =>
  gopassBackend.open(
    { name: "red", options: { program: gopass, ...options } },
    contextOf({ ...machine.environment, ...environment }),
  );
export const read = async (backend: Backend, path: string) => {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
};
export const write = async (backend: Backend, path: string, value: Uint8Array) =>
  backend.write?.(issueGrantForContract(path, "write"), value, {});
export const failure = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    (value) => new Error(`resolved with ${typeof value}`),
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  expect(`${thrown.message} ${thrown.hint ?? ""}`).not.toContain(canary);
  return thrown;
};
/** Puts a file of an entry into the store as somebody else's program would. */
export const plant = (machine: GopassMachine, path: string, content: Uint8Array) => {
  const file = join(machine.store, `${path}.gpg`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
};
export const encrypt = (machine: GopassMachine, value: string) =>
  must(machine, "gpg", ["--batch", "--quiet", "--encrypt", "--recipient", machine.fingerprint], value);

/** The same bytes with one of them inverted. */
export const flip = (file: Buffer, index: number) => {
  const changed = Buffer.from(file);
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
};

/** Two machines with one store: `bridge` may read all of it, `monolith` all but `execution/`. */
export interface Team {
  readonly base: string;
  readonly bridge: GopassMachine;
  readonly monolith: GopassMachine;
}

export function makeTeam(): Team {
  const base = shortDirectory();
  const bridge = makeMachine(base, "bridge");
  const monolith = makeMachine(base, "monolith");
  introduce([bridge, monolith]);
  makeStore(bridge, { "": [bridge, monolith], execution: [bridge], marketdata: [bridge, monolith] }, gopass);
  insert(bridge, "marketdata/databento", `${canary}\nuser: bob\ntoken: a: b\n---\npin: 0123\nlist: [1, 2]\n`, gopass);
  insert(bridge, "execution/broker", `${canary}\n`, gopass);
  insert(bridge, "mxm/red/a", "in the folder\n", gopass);
  cloneStore(bridge, monolith, gopass);
  return { base, bridge, monolith };
}

export function removeTeam({ base, bridge, monolith }: Team): void {
  for (const machine of [bridge, monolith]) removeMachine(machine);
  rmSync(base, { recursive: true, force: true });
}
