import { InvalidInputError } from "../../errors.js";
import { planAdditions } from "../additions.js";
import type { MetadataValue, SopsChanges, SopsLeaf, SopsScalar, SopsTree } from "../document.js";
import { fieldOf, flatten } from "../flat.js";
import type { Leaves } from "../leaves.js";
import { applySplices } from "../splice.js";
import type { Splice } from "../splice.js";
import { metadataKey } from "../tree.js";
import type { IniLine, IniText } from "./read.js";
import { writeIniKey, writeIniKeys, writeIniSection, writeIniValue } from "./write.js";

/** The text with the changes made; everything that is not named stays, byte for byte. */
export function editIni(source: IniText, leaves: Leaves, changes: SopsChanges): string {
  const { text } = source;
  const splices: Splice[] = [];
  for (const [leaf, scalar] of changes.replace ?? []) splices.push(...replaceLeaf(source, leaves, leaf, scalar));
  for (const leaf of changes.remove ?? []) {
    const { start, end } = lineOfLeaf(source, leaves, leaf);
    splices.push({ start, end, text: "" });
  }
  const plan = planAdditions(source.root, changes.add ?? []);
  for (const { container, entries } of plan) {
    if (container === source.root) splices.push(...newSections(source, entries));
    else splices.push(newKeys(source, container, entries));
  }
  if (changes.metadata !== undefined) splices.push(...metadataSplices(source, changes.metadata));
  const isCrlf = text.includes("\r\n");
  return applySplices(
    text,
    isCrlf ? splices.map((one) => ({ ...one, text: one.text.replace(/\r?\n/g, "\r\n") })) : splices,
  );
}

function replaceLeaf(source: IniText, leaves: Leaves, leaf: SopsLeaf, scalar: SopsScalar): readonly Splice[] {
  const node = leaves.nodes.get(leaf);
  if (node?.kind !== "comment") {
    const { valueStart, valueEnd } = lineOfLeaf(source, leaves, leaf);
    const lead = /[=:]/.test(source.text[valueStart - 1] ?? "") ? " " : "";
    return [{ start: valueStart, end: valueEnd, text: lead + writeIniValue(scalar) }];
  }
  if (scalar.type !== "str" || /[\r\n]/.test(scalar.value)) {
    throw new InvalidInputError("a comment of an INI file can be text in one line only");
  }
  const [first, ...others] = source.comments.get(node) ?? [];
  if (first === undefined) throw new InvalidInputError("the leaf to change is of another document");
  const mark = source.text[first.start] ?? ";";
  // A comment of several parts becomes one, where its first part was.
  const cuts = others.map(({ start, end, isWholeLine }) => ({
    start: isWholeLine ? source.text.lastIndexOf("\n", start) + 1 : start,
    end: isWholeLine ? afterBreak(source.text, end) : end,
    text: "",
  }));
  return [{ start: first.start, end: first.end, text: `${mark} ${scalar.value}` }, ...cuts];
}

function afterBreak(text: string, end: number): number {
  const found = text.indexOf("\n", end);
  return found === -1 ? text.length : found + 1;
}

function lineOfLeaf(source: IniText, leaves: Leaves, leaf: SopsLeaf): IniLine {
  const node = leaves.nodes.get(leaf);
  const line = node?.kind === "scalar" ? source.lines.get(node) : undefined;
  if (line === undefined) throw new InvalidInputError("the leaf to change is of another document");
  return line;
}

/** Lines at the start of a line, or after the end of a text whose last line is not ended. */
function insertion(text: string, at: number, lines: readonly string[]): Splice {
  const isOpen = at > 0 && text[at - 1] !== "\n";
  return { start: at, end: at, text: lines.map((line) => (isOpen ? `\n${line}` : `${line}\n`)).join("") };
}

function newKeys(source: IniText, container: unknown, entries: ReadonlyMap<string | number, SopsTree>): Splice {
  const section = source.sections.find(({ node }) => node === container);
  if (section === undefined)
    throw new InvalidInputError("an INI file holds sections with keys and values, no more levels");
  return insertion(source.text, section.end, writeIniKeys([...entries].map(([key, value]) => [String(key), value])));
}

function newSections(source: IniText, entries: ReadonlyMap<string | number, SopsTree>): readonly Splice[] {
  const { text, metadata } = source;
  return [...entries].map(([name, section]) => {
    if (!(section instanceof Map)) {
      throw new InvalidInputError("an INI file holds keys in sections only: give the path SECTION/KEY");
    }
    const lines = [writeIniSection(String(name)), ...writeIniKeys([...section])];
    if (metadata !== undefined) return insertion(text, lineStart(text, metadata.start), [...lines, ""]);
    return insertion(text, text.length, text === "" ? lines : ["", ...lines]);
  });
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function metadataSplices(source: IniText, fields: ReadonlyMap<string, MetadataValue | undefined>): readonly Splice[] {
  const { text, metadata } = source;
  const sorted = [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (metadata === undefined) {
    const pairs = sorted.flatMap(([field, value]) => flat(field, value));
    const lines = writeIniKeys(pairs.map(([key, value]) => [key, { type: "str", value: escaped(value) }]));
    const header = text === "" ? [`[${metadataKey}]`] : ["", `[${metadataKey}]`];
    return [insertion(text, text.length, [...header, ...lines])];
  }
  const width = Math.max(0, ...metadata.fields.map(({ name }) => name.length));
  return sorted.flatMap(([field, value]) => {
    const there = metadata.fields.filter(({ name }) => fieldOf(name) === field);
    const made = flat(field, value);
    const [only] = there;
    const [single] = made;
    if (there.length === 1 && made.length === 1 && only !== undefined && single?.[0] === only.name) {
      const written = writeIniValue({ type: "str", value: escaped(single[1]) });
      return [{ start: only.valueStart, end: only.valueEnd, text: written }];
    }
    const cuts = there.map(({ start, end }) => ({ start, end, text: "" }));
    if (made.length === 0) return cuts;
    const lines = made.map(
      ([key, one]) => `${writeIniKey(key).padEnd(width)} = ${writeIniValue({ type: "str", value: escaped(one) })}`,
    );
    const next = metadata.fields.find(({ name }) => fieldOf(name) > field)?.start;
    return [...cuts, insertion(text, only?.start ?? next ?? metadata.end, lines)];
  });
}

function flat(field: string, value: MetadataValue | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : flatten(field, value);
}

/** SOPS writes line breaks of the metadata as `\n`. */
function escaped(text: string): string {
  return text.replaceAll("\n", "\\n");
}
