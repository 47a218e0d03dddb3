import { parseDotenv } from "../dotenv/parse.js";
import { looksLikePlaceholder } from "../dotenv/placeholder.js";
import { parseValueLines } from "../dotenv/value-lines.js";
import { canonicalSecretName } from "../domain/names.js";
import { InvalidInputError } from "../errors.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { readWholeInput } from "./read-descriptor.js";
import { readWhole } from "./read-value.js";

/** Values somebody gave for a project's names. */
export interface GivenValues {
  /** By canonical name. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** What the source has and the project does not ask for, as it is written there. */
  readonly others: readonly string[];
  /** Names without a value that could be meant: what stands there is empty or a placeholder. */
  readonly unfilled: readonly string[];
}

/**
 * The values of `--from FILE` or `--stdin` for the names a project requires.
 *
 * @returns `undefined` when neither was given
 * @throws InvalidInputError for a faulty line, by its number, before anything is used
 */
export function readGiven(args: Arguments, required: ReadonlySet<string>): GivenValues | undefined {
  const file = args.option("from");
  if (file !== undefined && args.flag("stdin")) throw misuse(args.command, "--from and --stdin exclude each other");
  if (file === undefined && !args.flag("stdin")) return undefined;
  const entries =
    file === undefined
      ? parseValueLines(readWholeInput())
      : parseDotenv(readWhole(file), file).map((entry) => ({ ...entry, value: Buffer.from(entry.value) }));
  const lines = new Map<string, number>();
  const values = new Map<string, Uint8Array>();
  const others: string[] = [];
  const unfilled: string[] = [];
  for (const { key, value, line } of entries) {
    const name = nameOf(key);
    if (name === undefined || !required.has(name)) {
      others.push(key);
      continue;
    }
    const earlier = lines.get(name);
    if (earlier !== undefined) {
      throw new InvalidInputError(`line ${line}: ${name} is there already, on line ${earlier}`, {
        hint: "keep one of them",
      });
    }
    lines.set(name, line);
    const isFilled = value.length > 0 && (args.flag("force") || !isPlaceholder(value));
    if (isFilled) values.set(name, value);
    else unfilled.push(name);
  }
  return { values, others, unfilled };
}

/** Whether a value is what a template holds before somebody fills it in. */
export function isPlaceholder(value: Uint8Array): boolean {
  return looksLikePlaceholder(Buffer.from(value).toString("utf8"));
}

function nameOf(key: string): string | undefined {
  try {
    return canonicalSecretName(key);
  } catch {
    return undefined;
  }
}
