import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { constants } from "node:os";
import { quote, UnavailableError } from "../errors.js";
import type { ErrorDetails } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { isInForeground } from "./foreground.js";

const forwarded = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
const fromKeyboard = ["SIGINT", "SIGQUIT"] as const;

/** Linux, for one variable with its name or one argument (MAX_ARG_STRLEN of execve(2), less the final NUL). */
const maximumEntryBytes = 131_071;

/** The program never ran: it could not be run (126) or found (127), as in a shell. */
class NotStartedError extends UnavailableError {
  readonly #exitCode: 126 | 127;

  constructor(message: string, exitCode: 126 | 127, details: ErrorDetails = {}) {
    super(message, { ...details, reason: exitCode === 127 ? "not_installed" : "unreachable" });
    this.#exitCode = exitCode;
  }

  override get exitCode(): number {
    return this.#exitCode;
  }
}

/**
 * Runs a program without a shell, with exactly this environment and our own standard streams, and waits for it.
 * Signals we receive go to it, each once: those of the keyboard (Ctrl-C, Ctrl-\\) the terminal has sent to both already.
 *
 * @returns its exit code, or 128+N for signal N
 * @throws NotStartedError
 */
export async function runChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = start(command, environment);
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const forwardUnlessTyped = (signal: NodeJS.Signals) => {
    if (!isInForeground()) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  for (const signal of fromKeyboard) process.on(signal, forwardUnlessTyped);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", (error) => {
        // With a pid it runs, and only a signal could not be passed on, as to `sudo`.
        if (child.pid === undefined) reject(notStarted(command, environment, error));
      });
      child.once("exit", (code, signal) => {
        resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]);
      });
    });
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
    for (const signal of fromKeyboard) process.off(signal, forwardUnlessTyped);
  }
}

function start(command: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const [program = "", ...args] = command;
  if (program === "") throw new NotStartedError("the name of the program is empty", 127);
  try {
    return spawn(program, args, { env: environment, stdio: "inherit", shell: false });
  } catch (error) {
    // Some failures of execve(2) are thrown, others come as an event.
    if (errnoOf(error) === undefined) throw error;
    throw notStarted(command, environment, error);
  }
}

function notStarted(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  cause: unknown,
): NotStartedError {
  const [program = ""] = command;
  const cannot = `${quote(program)} cannot be run`;
  const status = program.includes("/") ? statusOf(program) : undefined;
  const errno = errnoOf(cause);
  if (errno === "ENOENT") {
    return status === undefined
      ? new NotStartedError(`there is no program ${quote(program)}`, 127, { cause })
      : new NotStartedError(`${cannot}: the interpreter its first line names is missing`, 126, { cause });
  }
  if (errno === "E2BIG") {
    return new NotStartedError(`${cannot}: ${whatIsTooLarge(command, environment)}`, 126, {
      cause,
      hint: "a program can read a large value from its standard input: `mxm-secrets get NAME | PROGRAM`",
    });
  }
  const reason = status?.isDirectory() === true ? "it is a directory" : errnoInWords(cause);
  return new NotStartedError(`${cannot}: ${reason}`, 126, { cause });
}

/** @returns `undefined` for what is not there or cannot be looked at: the failure of the start says which */
function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function whatIsTooLarge(command: readonly string[], environment: Readonly<Record<string, string>>): string {
  const variables = Object.entries(environment).map(([name, value]) => ({
    what: `the variable ${quote(name)}`,
    size: Buffer.byteLength(`${name}=${value}`),
  }));
  const all = [...variables, ...command.map((text) => ({ what: "an argument", size: Buffer.byteLength(text) }))];
  const large = all.find(({ size }) => size > maximumEntryBytes);
  if (large !== undefined) {
    return `${large.what} takes ${large.size} bytes with its name, and this system takes at most ${maximumEntryBytes}`;
  }
  const sum = all.reduce((total, { size }) => total + size + 1, 0);
  return `its environment and arguments take ${sum} bytes, more than this system takes (\`getconf ARG_MAX\`)`;
}
