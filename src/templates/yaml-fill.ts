import type * as Yaml from "yaml";
import type { Scalar } from "yaml";
import { InvalidInputError } from "../errors.js";
import { filled, filledSource, spliced } from "./slots.js";
import type { Slot } from "./slots.js";
import type { ValueOf } from "./template.js";
import { outlineOf, signOfString } from "./yaml-outline.js";
import { parseDocuments } from "./yaml-parse.js";
import { doubleQuoted, inDoubleQuotes, isPlainText } from "./yaml-quote.js";

/** A slot and how its scalar is written. */
export interface YamlSlot extends Slot {
  readonly style: Scalar.Type | undefined;
  /** Where it stands in the outline. */
  readonly index: number;
}

/** Whether a scalar is a block, which has a header and ends with its last line break. */
export function isBlock({ style }: Pick<YamlSlot, "style">): boolean {
  return style === "BLOCK_LITERAL" || style === "BLOCK_FOLDED";
}

/**
 * A YAML text with its slots filled. First every scalar in its own style; then those that did not come out as they should
 * in double quotes, which hold anything.
 *
 * @param outline - the slots, and the signs of the whole text
 * @throws InvalidInputError when the result would not be the same data with the values in it
 */
export function fillYaml(
  yaml: typeof Yaml,
  text: string,
  { slots, signs }: { readonly slots: readonly YamlSlot[]; readonly signs: readonly string[] },
  valueOf: ValueOf,
): string {
  if (slots.length === 0) return text;
  const values = new Map(slots.map((slot) => [slot.index, filled(slot, valueOf)]));
  const expected = signs.map((sign, index) => {
    const value = values.get(index);
    return value === undefined ? sign : signOfString(value);
  });
  const quoted = new Set<YamlSlot>();
  for (let attempt = 0; attempt < 3; attempt++) {
    const result = spliced(text, slots, (slot) => sourceOf(text, slot, quoted.has(slot), valueOf));
    const found = parseDocuments(yaml, result);
    const actual = "faults" in found ? [] : outlineOf(yaml, found).signs;
    const isSameShape =
      actual.length === expected.length && actual.every((sign, index) => sign === expected[index] || values.has(index));
    const wrong = isSameShape ? slots.filter(({ index }) => actual[index] !== expected[index]) : slots;
    if (wrong.length === 0) return result;
    for (const slot of wrong) quoted.add(slot);
  }
  throw new InvalidInputError("the values cannot be put into this YAML", {
    hint: "put quotes around the references, or use `--format text`",
  });
}

type Style = (text: string, slot: YamlSlot, valueOf: ValueOf) => string | undefined;

/** How a scalar of each style is filled and stays in its style; `undefined` when its values cannot stand there. */
const styles: Readonly<Partial<Record<string, Style>>> = {
  QUOTE_DOUBLE: (text, slot, valueOf) => inPlace(text, slot, (use) => inDoubleQuotes(valueOf(use))),
  QUOTE_SINGLE: (text, slot, valueOf) => {
    if (!isPlainText(filled(slot, valueOf)) || filled(slot, valueOf).includes("\n")) return undefined;
    return inPlace(text, slot, (use) => valueOf(use).replaceAll("'", "''"));
  },
  BLOCK_LITERAL: fillBlock,
  BLOCK_FOLDED: fillBlock,
};

function sourceOf(text: string, slot: YamlSlot, isQuoted: boolean, valueOf: ValueOf): string {
  const inStyle = isQuoted ? undefined : styles[slot.style ?? ""]?.(text, slot, valueOf);
  if (inStyle !== undefined) return inStyle;
  const source = text.slice(slot.start, slot.end);
  // The header of a block may have a comment.
  const lineBreak = /\r?\n$/.exec(source)?.[0] ?? "";
  const comment = /^[|>][-+0-9]*([ \t]+#[^\r\n]*)/.exec(source)?.[1] ?? "";
  return `${doubleQuoted(filled(slot, valueOf))}${isBlock(slot) ? comment + lineBreak : ""}`;
}

/** The further lines of a value are indented as the block is. */
function fillBlock(text: string, slot: YamlSlot, valueOf: ValueOf): string | undefined {
  if (!isPlainText(filled(slot, valueOf))) return undefined;
  const lines = text.slice(slot.start, slot.end).split("\n").slice(1);
  const written = lines.filter((line) => line.trim() !== "");
  const least = written.reduce((width, line) => Math.min(width, line.search(/[^ ]/)), written[0]?.length ?? 0);
  const lineBreak = `${text.includes("\r\n") ? "\r\n" : "\n"}${" ".repeat(least)}`;
  return inPlace(text, slot, (use) => valueOf(use).replaceAll("\n", () => lineBreak));
}

function inPlace(text: string, slot: YamlSlot, valueOf: ValueOf): string | undefined {
  return slot.sourcePieces === undefined ? undefined : filledSource(text, slot, slot.sourcePieces, valueOf);
}
