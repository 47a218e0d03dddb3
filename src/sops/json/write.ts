import { InvalidInputError } from "../../errors.js";
import { isScalar } from "../additions.js";
import type { SopsScalar, SopsTree } from "../document.js";

/** Text in quotes as Go writes it: `<`, `>` and `&` are escaped too. */
export function writeString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** @throws InvalidInputError for what JSON has no words for */
export function writeScalar(scalar: SopsScalar): string {
  if (scalar.type === "null") return "null";
  if (scalar.type === "bytes") throw new InvalidInputError("JSON cannot hold text that is not UTF-8");
  if (scalar.type === "str" || scalar.type === "time") return writeString(scalar.value);
  if (scalar.type !== "float") return String(scalar.value);
  if (!Number.isFinite(scalar.value)) throw new InvalidInputError("JSON has no infinite numbers");
  const text = Object.is(scalar.value, -0) ? "-0" : String(scalar.value);
  // `.0` keeps a whole number a float when it is read again.
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** How lines are laid out: `newline` is a line break with the indentation of what is around, empty for one line. */
export interface Layout {
  readonly newline: string;
  readonly unit: string;
}

/** A tree in the layout of the file it goes into. */
export function writeTree(tree: SopsTree, layout: Layout): string {
  if (isScalar(tree)) return writeScalar(tree);
  const inner: Layout = layout.newline === "" ? layout : { ...layout, newline: layout.newline + layout.unit };
  const isMap = tree instanceof Map;
  const items = isMap
    ? [...tree].map(([key, value]) => writeEntry(key, value, inner))
    : listOf(tree).map((value) => writeTree(value, inner));
  const [open, close] = isMap ? ["{", "}"] : ["[", "]"];
  if (items.length === 0) return open + close;
  const separator = layout.newline === "" ? ", " : `,${inner.newline}`;
  return `${open}${inner.newline}${items.join(separator)}${layout.newline}${close}`;
}

export function writeEntry(key: string, value: SopsTree, layout: Layout): string {
  return `${writeString(key)}: ${writeTree(value, layout)}`;
}

function listOf(tree: SopsTree): readonly SopsTree[] {
  return Array.isArray(tree) ? tree : [];
}
