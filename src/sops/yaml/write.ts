import { isScalar } from "../additions.js";
import type { SopsScalar, SopsTree } from "../document.js";
import { floatText } from "../scalar.js";
import { resolvePlain } from "./resolve.js";

/** Columns of a level, as SOPS indents. */
const indentation = 4;

/** A scalar in one line, for a block or, without what brackets would end, for brackets. */
export function writeScalar(scalar: SopsScalar, isFlow: boolean): string {
  if (scalar.type === "null") return "null";
  if (scalar.type === "float") return writeFloat(scalar.value);
  if (scalar.type === "bytes") return `!!binary ${Buffer.from(scalar.value).toString("base64")}`;
  if (scalar.type !== "str") return String(scalar.value);
  return isPlainText(scalar.value, isFlow) ? scalar.value : quoted(scalar.value);
}

/** `.0` keeps a whole number a float when it is read again. */
function writeFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const text = floatText(value);
  return text.includes(".") ? text : `${text}.0`;
}

const encrypted = /^ENC\[AES256_GCM,[A-Za-z0-9+/=:,_]*\]$/;
const harmless = /^[A-Za-z0-9_/.$%^+(][A-Za-z0-9_/.$%^+()@;<=~ -]*$/;
/** Words that are booleans to readers of YAML 1.1. */
const oldBooleans = /^(?:y|n|yes|no|on|off)$/i;

function isPlainText(text: string, isFlow: boolean): boolean {
  if (encrypted.test(text)) return !isFlow;
  if (!harmless.test(text) || text.endsWith(" ") || text === "..." || oldBooleans.test(text)) return false;
  return !/^(?:%|<<$)/.test(text) && resolvePlain(text)?.type === "str" && !/^[0-9]+(?::[0-9]+)+/.test(text);
}

/** In double quotes: every character that is not sure to survive is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function writeKey(key: string): string {
  return isPlainText(key, true) && !key.endsWith(":") ? key : quoted(key);
}

/** A tree in braces and brackets, in one line. */
export function writeFlow(tree: SopsTree): string {
  if (isScalar(tree)) return writeScalar(tree, true);
  if (tree instanceof Map) {
    return `{${[...tree].map(([key, value]) => `${writeKey(key)}: ${writeFlow(value)}`).join(", ")}}`;
  }
  return `[${listOf(tree).map(writeFlow).join(", ")}]`;
}

/** `key: value` with everything below it, laid out as SOPS does; every line ends in a line break. */
export function writeEntry(key: string, value: SopsTree, column: number): string {
  return writeValue(`${" ".repeat(column)}${writeKey(key)}:`, value, column);
}

/** `- value` with everything below it. */
export function writeItem(value: SopsTree, column: number): string {
  const dash = `${" ".repeat(column)}-`;
  const inner = column + 2;
  if (isScalar(value) || sizeOf(value) === 0) return writeValue(dash, value, column);
  return `${dash} ${writeBlock(value, inner).slice(inner)}`;
}

/** The entries of a map or the items of a list, each from its own line on. */
export function writeBlock(tree: SopsTree, column: number): string {
  if (isScalar(tree)) return "";
  if (tree instanceof Map) return [...tree].map(([key, value]) => writeEntry(key, value, column)).join("");
  return listOf(tree)
    .map((value) => writeItem(value, column))
    .join("");
}

function writeValue(start: string, value: SopsTree, column: number): string {
  if (isScalar(value)) {
    const block = value.type === "str" ? literal(value.value, below(column)) : undefined;
    return `${start} ${block ?? `${writeScalar(value, false)}\n`}`;
  }
  if (sizeOf(value) === 0) return `${start} ${value instanceof Map ? "{}" : "[]"}\n`;
  return `${start}\n${writeBlock(value, below(column))}`;
}

/** The column of what is below a key: the next multiple of the indentation, as go-yaml does. */
function below(column: number): number {
  return indentation * Math.floor((column + indentation) / indentation);
}

function listOf(tree: SopsTree): readonly SopsTree[] {
  return Array.isArray(tree) ? tree : [];
}

function sizeOf(tree: SopsTree): number {
  return tree instanceof Map ? tree.size : listOf(tree).length;
}

/** Several lines as a literal block, when nothing in them could be lost that way. */
function literal(text: string, column: number): string | undefined {
  const body = text.replace(/\n$/, "");
  const isSafe = body.includes("\n") && /^[!-~](?:[ -~\n]*[!-~])?$/.test(body) && !/ \n/.test(body);
  if (!isSafe) return undefined;
  const pad = " ".repeat(column);
  const lines = body.split("\n").map((line) => (line === "" ? "" : pad + line));
  return `${body === text ? "|-" : "|"}\n${lines.join("\n")}\n`;
}
