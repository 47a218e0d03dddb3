import { spawn } from "node:child_process";
import { constants } from "node:os";
import { InvalidInputError, quote, UnavailableError } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";

const forwarded = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** How a child ended: its own code, or 128+N for signal N; 126 and 127 when it could not be run or found, as in a shell. */
export interface ChildEnd {
  readonly exitCode: number;
  /** Set when the program never ran. */
  readonly failure?: InvalidInputError | UnavailableError;
}

/**
 * Runs a program without a shell, with exactly this environment and our own standard streams, and waits for it.
 * Signals we receive go to it; the terminal sends its own SIGINT to both.
 */
export async function runChild(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ChildEnd> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: "inherit", shell: false });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const onInterrupt = () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  };
  for (const signal of forwarded) process.on(signal, forward);
  process.on("SIGINT", onInterrupt);
  try {
    return await new Promise<ChildEnd>((resolve) => {
      child.once("error", (error) => resolve(notStarted(program, error)));
      child.once("exit", (code, signal) => {
        resolve({ exitCode: signal === null ? (code ?? 0) : 128 + constants.signals[signal] });
      });
    });
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
    process.off("SIGINT", onInterrupt);
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
