import { looksLikePlaceholder } from "../../dotenv/placeholder.js";

/** What becomes of one value, and how it is told. */
export const outcomes = {
  new: "new",
  overwritten: "overwritten",
  unchanged: "unchanged",
  kept: "kept as the store has it",
  placeholder: "skipped as not filled in",
} as const;

export type Outcome = keyof typeof outcomes;

/** What the caller wants of values that are there already, or that nobody has filled in. */
export interface ImportWishes {
  readonly overwrite: boolean;
  readonly includePlaceholders: boolean;
}

/** @param present - what the store holds, `undefined` when it holds nothing */
export function outcomeOf(value: Uint8Array, present: Uint8Array | undefined, wishes: ImportWishes): Outcome {
  if (present !== undefined && Buffer.from(present).equals(value)) return "unchanged";
  if (!wishes.includePlaceholders && isUnfilled(Buffer.from(value).toString())) return "placeholder";
  if (present === undefined) return "new";
  return wishes.overwrite ? "overwritten" : "kept";
}

function isUnfilled(value: string): boolean {
  return value === "" || looksLikePlaceholder(value);
}
