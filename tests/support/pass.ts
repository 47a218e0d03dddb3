import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { Backend, BackendCall, BackendContext } from "../../src/backends/contract.js";
import { passBackend } from "../../src/backends/pass.js";
import { isolatedContext } from "./context.js";
import { introduce, makeMachine, must, removeMachine, shortDirectory } from "./gopass.js";
import type { GopassMachine } from "./gopass.js";
import { isWithoutGpg } from "./programs.js";

/** Whether the tests with the real `pass` and gpg are skipped: on a machine that has none, unless it is CI. */
export const isWithoutPass =
  isWithoutGpg || (process.env["CI"] === undefined && spawnSync("pass", ["version"]).status !== 0);

/** Two machines, and a store of the first: both may read all of it but `execution/`, which is the first one's. */
export interface PassTeam {
  readonly base: string;
  readonly bridge: GopassMachine;
  readonly monolith: GopassMachine;
}

export function makePassTeam(): PassTeam {
  const base = shortDirectory();
  const bridge = withPass(makeMachine(base, "bridge"));
  const monolith = withPass(makeMachine(base, "monolith"));
  introduce([bridge, monolith]);
  must(bridge, "pass", ["init", bridge.fingerprint, monolith.fingerprint]);
  must(bridge, "pass", ["init", "--path=execution", bridge.fingerprint]);
  return { base, bridge, monolith };
}

export function removePassTeam({ base, bridge, monolith }: PassTeam): void {
  for (const machine of [bridge, monolith]) removeMachine(machine);
  rmSync(base, { recursive: true, force: true });
}

function withPass(machine: GopassMachine): GopassMachine {
  const environment = {
    ...machine.environment,
    PASSWORD_STORE_DIR: machine.store,
    GIT_CONFIG_GLOBAL: join(machine.home, "git"),
  };
  writeFileSync(join(machine.home, "git"), `[user]\nname = ${machine.name}\nemail = ${machine.name}@machines.test\n`);
  return { ...machine, environment };
}

/** An empty store of its own for one machine, of which it is the only recipient. */
export function freshPassStore(machine: GopassMachine, name: string): GopassMachine {
  const store = join(machine.home, name);
  mkdirSync(store);
  writeFileSync(join(store, ".gpg-id"), `${machine.fingerprint}\n`);
  return { ...machine, store, environment: { ...machine.environment, PASSWORD_STORE_DIR: store } };
}

/** The backend as this machine has it configured. */
export function openPass(
  machine: GopassMachine,
  options: Readonly<Record<string, unknown>> = {},
  environment: Readonly<Record<string, string>> = {},
  changes: Partial<BackendContext> = {},
): Backend {
  const variables = { ...machine.environment, ...environment };
  const context = isolatedContext({ environment: variables, now: Date.now, ...changes });
  return passBackend.open({ name: "red", options }, context);
}

export const readAt = async (backend: Backend, path: string, call: BackendCall = {}) => {
  const value = await backend.read(issueGrantForContract(path, "read"), call);
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
};
export const writeAt = async (backend: Backend, path: string, value: string | Uint8Array, call: BackendCall = {}) =>
  backend.write?.(issueGrantForContract(path, "write"), Buffer.from(value), call);
export const deleteAt = async (backend: Backend, path: string) =>
  backend.delete?.(issueGrantForContract(path, "write"), {});

/** Puts a file into the store as somebody else's program would. */
export function plantFile(machine: GopassMachine, name: string, content: string | Uint8Array): string {
  const file = join(machine.store, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** Runs gpg as a machine, with this as its input. */
export const gpgOf = (machine: GopassMachine, argv: readonly string[], input: string | Buffer) =>
  must(machine, "gpg", ["--batch", "--quiet", ...argv], input);

/** Runs `pass` as a machine, with this as its input. */
export const passOf = (machine: GopassMachine, argv: readonly string[], input = "") =>
  must(machine, "pass", argv, input).toString();
