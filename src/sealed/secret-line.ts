import { indexOfByte } from "../files/bytes.js";
import { forms } from "./grammar.js";
import { readFields, refuseLine } from "./lines.js";
import type { LineNumber } from "./lines.js";
import type { SecretRecord } from "./records.js";

const lineFeed = 10;
const keyword = "secret ";
/** 12 bytes nonce and 16 bytes tag around an empty value, in base64. */
const shortestSealed = 40;

/** @throws IntegrityError naming the line when it is not a `secret` line */
export function parseSecretLine(line: string, number: LineNumber): SecretRecord {
  const { path: pathForm, policy: policyForm, counter, type: typeForm, time, base64 } = forms;
  const fields = readFields(line, number, "secret", [pathForm, policyForm, counter, typeForm, time, base64]);
  const [path, policy, version, type, updated, sealed] = fields;
  if (sealed.length < shortestSealed) refuseLine(number, "expected a nonce, a ciphertext and a tag");
  return { path, policy, version: Number(version), type: type === "text" ? "text" : "bytes", updated, sealed };
}

export function marshalSecretLine(record: SecretRecord): string {
  const { path, policy, version, type, updated, sealed } = record;
  return `secret ${path} ${policy} ${version} ${type} ${updated} ${sealed}`;
}

/**
 * Where the line of a path starts, by binary search over the sorted `secret` lines in `bytes[start, end)`.
 *
 * @returns -1 when no line has this path
 */
export function findSecretLine(bytes: Buffer, start: number, end: number, path: string): number {
  let low = start;
  let high = end;
  let line = lineStart(bytes, low, high);
  while (low < high) {
    const order = comparePath(bytes, line + keyword.length, path);
    if (order === 0) return line;
    if (order < 0) {
      high = line;
    } else {
      low = indexOfByte(bytes, lineFeed, line) + 1;
    }
    line = lineStart(bytes, low, high);
  }
  return -1;
}

/** Where the line in the middle of `bytes[low, high)` starts. */
function lineStart(bytes: Buffer, low: number, high: number): number {
  let line = (low + high) >>> 1;
  while (line > low && bytes[line - 1] !== lineFeed) line--;
  return line;
}

/** Below zero when `path` sorts before the path that starts at `offset` and ends at a space. */
function comparePath(bytes: Buffer, offset: number, path: string): number {
  for (let index = 0; index < path.length; index++) {
    const difference = path.charCodeAt(index) - (bytes[offset + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return bytes[offset + path.length] === 32 ? 0 : -1;
}

/** The number of the line at an offset, from 1. Counts from the start: for messages only. */
export function lineNumberAt(bytes: Buffer, offset: number): number {
  let number = 1;
  for (
    let next = indexOfByte(bytes, lineFeed);
    next !== -1 && next < offset;
    next = indexOfByte(bytes, lineFeed, next + 1)
  ) {
    number++;
  }
  return number;
}
