import { quote } from "../errors.js";
import type { Problem } from "../errors.js";
import { nearest } from "./names.js";

/** What an exit code of a foreign program can be configured to mean. Any other than 0 means that it failed. */
export const programOutcomes = ["absent", "denied", "locked", "not_initialised", "corrupt"] as const;

export type ProgramOutcome = (typeof programOutcomes)[number];

/** As they stand in the configuration: which exit codes mean an outcome. */
export type ExitCodes = Readonly<Partial<Record<ProgramOutcome, readonly number[]>>>;

export const largestExitCode = 255;

/**
 * Reads an option such as `{ absent: 10, locked: [11, 12] }`.
 *
 * @returns the codes of each outcome, or every problem found, with paths inside the option
 */
export function parseExitCodes(
  value: Readonly<Record<string, unknown>>,
): { readonly codes: ExitCodes } | { readonly problems: readonly [Problem, ...Problem[]] } {
  const problems: Problem[] = [];
  const codes: Partial<Record<ProgramOutcome, readonly number[]>> = {};
  const meanings = new Map<number, string>();
  for (const [word, given] of Object.entries(value)) {
    const outcome = programOutcomes.find((known) => known === word);
    if (outcome === undefined) {
      const suggestion = nearest(word, programOutcomes);
      const message = `unknown outcome ${quote(word)}, expected ${programOutcomes.join(", ")}`;
      problems.push({ path: [word], message, ...(suggestion === undefined ? {} : { suggestion }) });
      continue;
    }
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    const numbers = list.filter(isExitCode);
    if (numbers.length < list.length || list.length === 0) {
      problems.push({ path: [word], message: `expected an exit code from 1 to ${largestExitCode}, or a list of them` });
    }
    for (const number of numbers) {
      const other = meanings.get(number);
      if (other !== undefined)
        problems.push({ path: [word], message: `expected one meaning of ${number}, also ${other}` });
      meanings.set(number, word);
    }
    codes[outcome] = numbers;
  }
  const [first, ...rest] = problems;
  return first === undefined ? { codes } : { problems: [first, ...rest] };
}

/** What each configured exit code means. */
export function outcomesByCode(codes: ExitCodes): ReadonlyMap<number, ProgramOutcome> {
  return new Map(programOutcomes.flatMap((outcome) => (codes[outcome] ?? []).map((code) => [code, outcome] as const)));
}

function isExitCode(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= largestExitCode;
}
