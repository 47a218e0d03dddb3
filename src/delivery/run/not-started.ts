import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { quote, UnavailableError } from "../../errors.js";
import type { ErrorDetails } from "../../errors.js";
import { errnoInWords, errnoOf } from "../../files/errno.js";

/** Linux, for one variable with its name or one argument (MAX_ARG_STRLEN of execve(2), less the final NUL). */
const maximumEntryBytes = 131_071;

/** A program to run: its words, and all of its environment. */
export interface Program {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The program never ran: it could not be run (126) or found (127), as in a shell. */
export class NotStartedError extends UnavailableError {
  readonly #exitCode: 126 | 127;

  constructor(message: string, exitCode: 126 | 127, details: ErrorDetails = {}) {
    super(message, { ...details, reason: exitCode === 127 ? "not_installed" : "unreachable" });
    this.#exitCode = exitCode;
  }

  override get exitCode(): number {
    return this.#exitCode;
  }
}

/** @param cause - what execve(2) failed with */
export function notStarted({ command, environment }: Program, cause: unknown): NotStartedError {
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
      hint: "a program can read a large value from a file: `--as-file NAME`",
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
