import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { resolve } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { errnoInWords } from "../files/errno.js";

/** The error for a program that could not be started, in a directory or in that of this process. */
export function startError(program: string, error: NodeJS.ErrnoException, directory?: string): UnavailableError {
  const reason = error.code === "ENOENT" ? whatIsMissing(program, directory) : errnoInWords(error);
  if (reason === undefined) {
    return new UnavailableError(`${quote(program)} is not installed`, { reason: "not_installed", cause: error });
  }
  return new UnavailableError(`cannot run ${quote(program)}: ${reason}`, { cause: error });
}

/** What the system calls missing besides the program itself; `undefined` when that is. */
function whatIsMissing(program: string, directory: string | undefined): string | undefined {
  // Asking where this process is fails when that is gone.
  const base = attempt(() => directory ?? process.cwd());
  if (base === undefined || statOf(base)?.isDirectory() !== true) return "the working directory is gone";
  const isThere = program.includes("/") && statOf(resolve(base, program)) !== undefined;
  return isThere ? "the interpreter its first line names is missing" : undefined;
}

function statOf(file: string): Stats | undefined {
  return attempt(() => statSync(file, { throwIfNoEntry: false }));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
