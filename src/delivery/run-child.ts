import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { InvalidInputError, quote, UnavailableError } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";

const forwarded = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
const fromKeyboard = ["SIGINT", "SIGQUIT"] as const;

/** How a child ended: its own code, or 128+N for signal N; 126 and 127 when it could not be run or found, as in a shell. */
export interface ChildEnd {
  readonly exitCode: number;
  /** Set when the program never ran. */
  readonly failure?: InvalidInputError | UnavailableError;
}

/**
 * Runs a program without a shell, with exactly this environment and our own standard streams, and waits for it.
 * Signals we receive go to it, each once: those of the keyboard (Ctrl-C, Ctrl-\\) the terminal has sent to both already.
 */
export async function runChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ChildEnd> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: "inherit", shell: false });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const forwardUnlessTyped = (signal: NodeJS.Signals) => {
    if (!isInForeground()) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  for (const signal of fromKeyboard) process.on(signal, forwardUnlessTyped);
  try {
    return await new Promise<ChildEnd>((resolve) => {
      child.once("error", (error) => resolve(notStarted(program, error)));
      child.once("exit", (code, signal) => {
        resolve({ exitCode: signal === null ? (code ?? 0) : 128 + constants.signals[signal] });
      });
    });
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
    for (const signal of fromKeyboard) process.off(signal, forwardUnlessTyped);
  }
}

/**
 * Whether the terminal sends what is typed to our process group, and so to the child as well, even when the standard
 * streams are redirected. Source: proc(5), fields 5 (group) and 8 (the terminal's foreground group) of `stat`; elsewhere a
 * terminal on one of the streams is taken for the same.
 */
function isInForeground(): boolean {
  try {
    const status = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return [0, 1, 2].some((descriptor) => isatty(descriptor));
  }
}

function notStarted(program: string, error: Error): ChildEnd {
  if (errnoOf(error) === "ENOENT") {
    return { exitCode: 127, failure: new InvalidInputError(`there is no program ${quote(program)}`) };
  }
  return {
    exitCode: 126,
    failure: new UnavailableError(`${quote(program)} cannot be run: ${errnoInWords(error)}`),
  };
}
