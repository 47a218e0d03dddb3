/*
 * The rules of what goes where:
 *
 * - Data goes to standard output and nothing else does. Everything said to a person goes to standard error.
 * - Success is silent unless the command's purpose is to tell something.
 * - A message is one line: what happened, then on a line of its own what to do next.
 * - Control characters in anything printed for a person are made visible; values are printed only by the command
 *   whose purpose that is.
 * - Colour only on a terminal, and not with NO_COLOR.
 * - No prompt without a terminal. Hidden input is never echoed.
 * - A reader that went away (EPIPE) is no error: what it no longer reads is dropped, and the command does what it was
 *   asked to, with its own exit code.
 */
import { writeSync } from "node:fs";
import { isSecretsError, singleLine, UnavailableError } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { isTerminal } from "../process/is-terminal.js";
import { formatProblem } from "../domain/problem.js";

/**
 * Writes data to standard output, whole, bytes as they are.
 *
 * @returns `false` when the reader went away, which is no error: a command without an end need not go on
 * @throws UnavailableError when it cannot be written (disk full)
 */
export function writeOutput(data: string | Uint8Array): boolean {
  try {
    return writeFully(1, typeof data === "string" ? Buffer.from(data) : data);
  } catch (thrown) {
    throw new UnavailableError(`standard output cannot be written: ${errnoInWords(thrown)}`, { cause: thrown });
  }
}

/** Writes lines for a person to standard output, control characters made visible. */
export function writeLines(lines: readonly string[]): void {
  writeOutput(lines.map((line) => `${singleLine(line)}\n`).join(""));
}

/** Writes one value as JSON and a newline to standard output. */
export function writeJson(value: unknown): void {
  writeOutput(`${JSON.stringify(value, undefined, 2).split("\n").map(singleLine).join("\n")}\n`);
}

/** Says one line to the person: to standard error, control characters made visible. */
export function say(line: string): void {
  sayLine(singleLine(line));
}

/** Nobody is left to be told when standard error itself fails; the command and its exit code go on. */
function sayLine(line: string): void {
  try {
    writeFully(2, Buffer.from(`${line}\n`));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
  }
}

/** Whether both ends of a conversation are a terminal, so that a prompt can be shown and answered. */
export function canPrompt(): boolean {
  return isTerminal(0) && isTerminal(2);
}

/** The name of the program in front of its messages. */
const program = "mxm-secrets";

/**
 * Says what went wrong and what to do next; with `json`, as one JSON object on standard error.
 *
 * @returns the exit code
 */
export function report(thrown: unknown, json: boolean): number {
  if (!isSecretsError(thrown)) {
    for (const line of describeFault(thrown)) say(line);
    return 70;
  }
  const { code, message, hint, exitCode } = thrown;
  if (json) {
    const problems = thrown.problems.length > 0 ? thrown.problems : undefined;
    say(JSON.stringify({ error: { code, exitCode, message, hint, problems } }));
    return exitCode;
  }
  if (thrown.problems.length > 0) {
    for (const problem of thrown.problems) say(`${program}: ${formatProblem(problem)}`);
  } else {
    say(`${program}: ${message}`);
  }
  if (hint !== undefined) say(`  ${hint}`);
  return exitCode;
}

/** A fault of this program: where it is, without the text of the error, which might hold a value. */
function describeFault(thrown: unknown): readonly string[] {
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  const frames = thrown instanceof Error ? framesOf(thrown) : [];
  return [`${program}: internal error (${name}); this is a bug, its text is withheld`, ...frames.slice(0, 5)];
}

/** The stack begins with the text, lines of which may look like frames: without it, or not at all. */
function framesOf({ message, stack = "" }: Error): readonly string[] {
  const start = stack.indexOf(message);
  if (start === -1) return [];
  const after = stack.slice(start + message.length).split("\n");
  return after.filter((line) => /^\s+at /.test(line));
}

/** @returns `false` when nobody reads any more */
function writeFully(descriptor: number, bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.byteLength) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (thrown) {
      const code = errnoOf(thrown);
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return true;
}
