import { resolve } from "node:path";
import type { ProgramOutcome } from "../domain/exit-codes.js";
import { AccessDeniedError, IntegrityError, LockedError, quote, UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { ProgramEnd } from "../process/run-program.js";
import { fillArguments } from "./argv.js";
import { requestBytes } from "./request.js";
import type { ProgramAction } from "./request.js";

/** How to run the programs of one store. */
export interface CommandStore {
  readonly name: string;
  readonly argv: Readonly<Partial<Record<ProgramAction, readonly [string, ...string[]]>>>;
  /** Whether standard input is the request, or nothing but the value of a write. */
  readonly input: "request" | "value";
  readonly outcomes: ReadonlyMap<number, ProgramOutcome>;
  readonly environment: Readonly<Record<string, string>>;
  /** Programs start there, and relative names of programs are taken from there. */
  readonly directory: string;
  readonly timeoutMilliseconds: number;
  readonly maximumOutputBytes: number;
}

/** One run, for one path. */
export interface CommandRun {
  readonly action: ProgramAction;
  readonly path: string;
  readonly value?: Uint8Array;
  readonly signal: AbortSignal | undefined;
}

const failures: Readonly<Record<Exclude<ProgramOutcome, "absent">, (what: string, hint: string) => SecretsError>> = {
  denied: (what, hint) => new AccessDeniedError(`${what}: permission denied`, { hint }),
  locked: (what, hint) => new LockedError(`${what}: it is locked`, { hint }),
  not_initialised: (what, hint) =>
    new UnavailableError(`${what}: it is not set up for this user`, { reason: "not_initialised", hint }),
  corrupt: (what, hint) => new IntegrityError(`${what}: what is stored is damaged`, { hint }),
};

/**
 * Runs a program of a store and waits for its end.
 *
 * @returns what it printed, or `undefined` when its exit code is configured to mean that there is no such value
 * @throws AccessDeniedError, LockedError, IntegrityError, UnavailableError as the exit code is configured; UnavailableError
 *   for any other, when it cannot be started, and when it takes too long or prints too much; CancelledError
 */
export async function runCommand(store: CommandStore, run: CommandRun): Promise<Uint8Array | undefined> {
  const { action, path, value, signal } = run;
  const argv = store.argv[action];
  if (argv === undefined) throw new TypeError(`store ${quote(store.name)} has no program to ${action}`);
  const [program, ...words] = fillArguments(argv, { path, store: store.name });
  const end = await start(store, [programFile(program, store.directory), ...words], {
    input: store.input === "value" ? value : requestBytes({ action, path, store: store.name }, value),
    signal,
  });
  if (end.exitCode === 0) return end.stdout;
  const outcome = end.exitCode === undefined ? undefined : store.outcomes.get(end.exitCode);
  if (outcome === "absent") return undefined;
  const how = end.exitCode === undefined ? "was ended by a signal" : `ended with exit code ${end.exitCode}`;
  const what = `${quote(program)}, asked to ${action} ${quote(path)}, ${how}`;
  const hint = byHand(store.name, action);
  throw outcome === undefined ? new UnavailableError(what, { hint }) : failures[outcome](what, hint);
}

/** A name with a `/` is a file, relative to the configuration; any other is looked up on PATH. */
export function programFile(program: string, directory: string): string {
  return program.includes("/") ? resolve(directory, program) : program;
}

async function start(
  store: CommandStore,
  argv: readonly [string, ...string[]],
  { input, signal }: { readonly input: Uint8Array | undefined; readonly signal: AbortSignal | undefined },
): Promise<ProgramEnd> {
  const { environment, directory, timeoutMilliseconds, maximumOutputBytes } = store;
  try {
    return await runProgram({ argv, environment, input, signal, directory, timeoutMilliseconds, maximumOutputBytes });
  } catch (error) {
    if (!(error instanceof UnavailableError) || error.reason !== "not_installed") throw error;
    const hint = `install it, or correct the programs of store ${quote(store.name)}`;
    throw new UnavailableError(error.message, { reason: "not_installed", hint, cause: error.cause });
  }
}

/** Not the whole command line: a variable put into it may be a token. */
function byHand(store: string, action: ProgramAction): string {
  return `run the program in stores.${store}.${action} by hand to see its message, which is withheld here because it might hold a value`;
}
