import type * as Yaml from "yaml";
import type { Document, Scalar } from "yaml";
import { InvalidInputError } from "../errors.js";
import { syntaxMessage } from "../domain/yaml-messages.js";
import { piecesOf, placer, referencesIn } from "./grammar.js";
import { faultyTemplate, filled, filledSource, keyWarning, slotOf, slotTemplate, spliced } from "./slots.js";
import type { Slot } from "./slots.js";
import type { Template, TemplateRemark, ValueOf } from "./template.js";
import { outlineOf, signOfString } from "./yaml-outline.js";
import type { OutlinedScalar } from "./yaml-outline.js";
import { doubleQuoted, inDoubleQuotes, isPlainText } from "./yaml-quote.js";

/** A slot and how its scalar is written. */
interface YamlSlot extends Slot {
  readonly style: Scalar.Type | undefined;
  /** Where it stands in the outline. */
  readonly index: number;
}

const tooDeep = "the data is nested too deeply";

/**
 * YAML, one document or several, in whose string values references are replaced. Comments, order, anchors, aliases, tags
 * and every scalar without a reference stay character for character. A filled scalar keeps its style where the value can
 * stand in it; a plain one is put in double quotes, so that no value is taken for a number, a comment or a list. The
 * result is parsed again, and compared, before it is given away. The library is loaded by the first call.
 */
export async function openYaml(text: string): Promise<Template> {
  const yaml = await import("yaml");
  const documents = parse(yaml, text);
  if ("faults" in documents) return faultyTemplate(documents.faults);
  let outline: ReturnType<typeof outlineOf>;
  try {
    outline = outlineOf(yaml, documents);
  } catch (thrown) {
    if (thrown instanceof RangeError) return faultyTemplate([{ message: tooDeep, line: 1 }]);
    throw thrown;
  }
  const placeOf = placer(text);
  const slots = outline.values.flatMap((found) => yamlSlot(text, found, placeOf) ?? []);
  const placeOfKey = placer(text);
  const warnings = outline.keys.flatMap(({ scalar, path }): readonly TemplateRemark[] =>
    piecesOf(String(scalar.value)).length === 0 ? [] : [keyWarning(placeOfKey(scalar.range?.[0] ?? 0).line, path)],
  );
  return slotTemplate(slots, warnings, (valueOf) => render(yaml, text, { slots, signs: outline.signs }, valueOf));
}

function yamlSlot(
  text: string,
  { scalar, index, path }: OutlinedScalar,
  placeOf: ReturnType<typeof placer>,
): YamlSlot | undefined {
  const [start, end] = scalar.range ?? [0, 0];
  const { type } = scalar;
  // The header of a block ends with its line; it may hold a comment.
  const isBlock = type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED";
  const innerStart = isBlock ? Math.min(end, text.indexOf("\n", start) + 1 || end) : start;
  const source = { start, end, innerStart, innerEnd: end, path, value: String(scalar.value) };
  const slot = slotOf(text, source, placeOf);
  return slot === undefined ? undefined : { ...slot, style: type, index };
}

/**
 * First every scalar in its own style; then those that did not come out as they should in double quotes, which hold
 * anything.
 */
function render(
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
    const found = parse(yaml, result);
    const actual = "faults" in found ? [] : outlineOf(yaml, found).signs;
    const isSameShape =
      actual.length === expected.length && actual.every((sign, index) => sign === expected[index] || values.has(index));
    const wrong = isSameShape ? slots.filter(({ index }) => actual[index] !== expected[index]) : slots;
    if (wrong.length === 0) return result;
    for (const slot of wrong) quoted.add(slot);
  }
  throw new InvalidInputError("the values cannot be put into this YAML", {
    hint: "put quotes around the references, or use `--as text`",
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
  // A block ends with its last line break, and its header may have a comment.
  const lineBreak = /\r?\n$/.exec(source)?.[0] ?? "";
  const comment = /^[|>][-+0-9]*([ \t]+#[^\r\n]*)/.exec(source)?.[1] ?? "";
  const isBlock = slot.style === "BLOCK_LITERAL" || slot.style === "BLOCK_FOLDED";
  return `${doubleQuoted(filled(slot, valueOf))}${isBlock ? comment + lineBreak : ""}`;
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

/** With the schema in which every scalar is a string: what the others are is not touched and does not matter. */
function parse(yaml: typeof Yaml, text: string): readonly Document[] | { readonly faults: readonly TemplateRemark[] } {
  let documents: ReturnType<typeof yaml.parseAllDocuments>;
  try {
    documents = yaml.parseAllDocuments(text, {
      // The library's own check takes time in the square of the number of keys.
      uniqueKeys: false,
      prettyErrors: false,
      merge: false,
      schema: "failsafe",
      logLevel: "error",
    });
  } catch (thrown) {
    if (thrown instanceof RangeError) return { faults: [{ message: tooDeep, line: 1 }] };
    throw thrown;
  }
  if ("empty" in documents) return [];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length === 0) return documents;
  const [first] = errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  // One fault leads to others.
  return { faults: first === undefined ? [] : [faultOf(text, first)] };
}

function faultOf(text: string, { code, message, pos: [at] }: Yaml.YAMLError): TemplateRemark {
  const { line } = placer(text)(at);
  if (message.includes("call stack")) return { message: tooDeep, line };
  const isInReference = referencesIn(text).some(({ start, end }) => start <= at && at <= end);
  if (isInReference) return { message: "not valid YAML: inside brackets or braces, put the reference in quotes", line };
  return { message: syntaxMessage(code), line };
}
