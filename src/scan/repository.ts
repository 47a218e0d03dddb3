import { join, resolve } from "node:path";
import { InvalidInputError, quote, UnavailableError, UnsupportedError } from "../errors.js";
import { startPiped } from "../process/piped-program.js";
import type { PipedProgram } from "../process/piped-program.js";
import { runProgram } from "../process/run-program.js";
import { gitCall, gitEnvironment } from "./git-environment.js";

/** A git repository as scanning reads it. */
export interface Repository {
  /** Top of the work tree, absolute and without symbolic links; of a bare repository, the directory it was found from. */
  readonly top: string;
  readonly isBare: boolean;
  /** History was cut off when it was fetched. */
  readonly isShallow: boolean;
  /** Runs git to its end. @throws UnavailableError when it fails, with what it says */
  readonly git: (words: readonly string[]) => Promise<Buffer>;
  /** Asks git a question that it answers with its exit code: 0 for yes, 1 for no. */
  readonly knows: (words: readonly string[]) => Promise<boolean>;
  /** Starts git and leaves it running. */
  readonly start: (words: readonly string[]) => Promise<PipedProgram>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const timeoutMilliseconds = 600_000;
const maximumOutputBytes = 1024 * 1024 * 1024;

/**
 * The repository around a directory.
 *
 * @returns `undefined` outside of one
 * @throws UnavailableError when git is not installed or refuses the repository
 */
export async function findRepository(directory: string, environment: Environment): Promise<Repository | undefined> {
  const questions = ["rev-parse", "--is-bare-repository", "--is-shallow-repository"];
  const answer = await call(directory, environment, questions);
  // A `.git` that leads nowhere is another matter.
  if (answer.exitCode === 128 && /^fatal: not a git repository \(or any/m.test(answer.stderr)) return undefined;
  const [bare, shallow] = outputOf(answer, questions).toString("utf8").split("\n");
  const isBare = bare === "true";
  const top = isBare ? directory : await topOf(directory, environment);
  return {
    top,
    isBare,
    isShallow: shallow === "true",
    git: async (words) => outputOf(await call(top, environment, words), words),
    knows: async (words) => {
      const end = await call(top, environment, words);
      return end.exitCode === 1 && end.stderr === "" ? false : outputOf(end, words) !== undefined;
    },
    start: (words) => startPiped({ argv: gitCall(top, words), environment: gitEnvironment(environment) }),
  };
}

/** @throws InvalidInputError for a bare repository: a scan of its files would find nothing, whatever is in it */
export function requireWorkTree({ isBare, top }: Repository): void {
  if (!isBare) return;
  throw new InvalidInputError(`${quote(top)} is in a bare repository, which has no work tree`, {
    hint: "there, `scan --history` looks at what was committed",
  });
}

/** Where a repository keeps its hooks. */
export interface Hooks {
  /** Absolute; `core.hooksPath` and linked work trees included. */
  readonly directory: string;
  /** Whether that is in the repository's own `.git`, and nobody else's. */
  readonly isPrivate: boolean;
}

export async function findHooks(directory: string, environment: Environment): Promise<Hooks> {
  const words = ["rev-parse", "--git-path", "hooks", "--git-common-dir"];
  const end = await runProgram({
    // As git itself will look for the hook: with the settings of the repository.
    argv: ["git", "-C", directory, ...words],
    environment: gitEnvironment(environment),
    timeoutMilliseconds,
    maximumOutputBytes,
  });
  const [hooks = "", common = ""] = outputOf(end, words)
    .toString("utf8")
    .split("\n")
    .map((line) => resolve(directory, line));
  return { directory: hooks, isPrivate: hooks === join(common, "hooks") };
}

/** Waits for a started git to end. @throws UnavailableError unless it ended well */
export async function requireEnd(program: PipedProgram, words: readonly string[]): Promise<void> {
  outputOf({ ...(await program.ended()), stdout: Buffer.alloc(0) }, words);
}

/** The NUL-separated entries git prints with `-z`. */
export function nulSeparated(bytes: Buffer): readonly Buffer[] {
  const entries: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, start)) {
    entries.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return entries;
}

async function topOf(directory: string, environment: Environment): Promise<string> {
  const words = ["rev-parse", "--show-toplevel"];
  const bytes = outputOf(await call(directory, environment, words), words);
  const top = bytes.toString("utf8").replace(/\n$/, "");
  if (!Buffer.from(`${top}\n`).equals(bytes)) {
    throw new UnsupportedError(`the path of the repository ${quote(top)} is not UTF-8`);
  }
  return top;
}

interface End {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function call(directory: string, environment: Environment, words: readonly string[]): Promise<End> {
  return runProgram({
    argv: gitCall(directory, words),
    environment: gitEnvironment(environment),
    timeoutMilliseconds,
    maximumOutputBytes,
  });
}

function outputOf({ exitCode, stdout, stderr }: End, words: readonly string[]): Buffer {
  if (exitCode === 0) return stdout;
  const said = /^(?:fatal|error): (.+)$/m.exec(stderr)?.[1] ?? "it gave no reason";
  throw new UnavailableError(`\`git ${words[0] ?? ""}\` failed: ${said}`);
}
