import { formsOfPart, partsOf } from "../../src/redaction/forms.js";
import type { Form } from "../../src/redaction/forms.js";

/** A value by its name, as a test makes them. */
export interface Named {
  readonly name: string;
  readonly value: Uint8Array;
}

/**
 * What a redactor must do, said as simply as it can be: look for every form at every place, merge what overlaps, write a
 * marker for each. Knows nothing of chunks.
 */
export function naiveRedact(secrets: readonly Named[], text: Uint8Array): Buffer {
  const haystack = Buffer.from(text);
  const found: { start: number; end: number; name: string }[] = [];
  const forms = new Map<string, string>();
  for (const { name, value } of secrets) {
    for (const form of partsOf(value).flatMap(formsOfPart).flatMap(withEdges))
      if (!forms.has(form)) forms.set(form, name);
  }
  for (const [form, name] of forms) {
    const needle = Buffer.from(form, "latin1");
    for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
      found.push({ start: at, end: at + needle.length, name });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: Buffer[] = [];
  let written = 0;
  for (let index = 0; index < found.length;) {
    const first = found[index];
    if (first === undefined) break;
    let { end } = first;
    let longest = first;
    let next = index + 1;
    for (; next < found.length; next++) {
      const other = found[next];
      if (other === undefined || other.start >= end) break;
      end = Math.max(end, other.end);
      if (other.end - other.start > longest.end - longest.start) longest = other;
    }
    pieces.push(haystack.subarray(written, first.start), Buffer.from(`[secret ${longest.name}]`));
    written = end;
    index = next;
  }
  pieces.push(haystack.subarray(written));
  return Buffer.concat(pieces);
}

const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const url = standard.replace("+/", "-_");

/** A form of base64 alone, with each character that may hold its last bits, and with padding where nothing follows. */
function withEdges({ text, edge }: Form): readonly string[] {
  if (edge === undefined) return [text];
  const bits = edge.known.toString(2).padStart(6 - edge.free, "0");
  const fitting = [...Array.from({ length: 64 }).keys()].filter((index) =>
    index.toString(2).padStart(6, "0").startsWith(bits),
  );
  const characters = [...new Set(fitting.flatMap((index) => [standard[index] ?? "", url[index] ?? ""]))];
  const last = standard[Number.parseInt(bits.padEnd(6, "0"), 2)] ?? "";
  const lastUrl = url[Number.parseInt(bits.padEnd(6, "0"), 2)] ?? "";
  const pads = edge.free === 4 ? ["=", "=="] : ["="];
  const padded = pads.flatMap((pad) => [`${text}${last}${pad}`, `${text}${lastUrl}${pad}`]);
  return [text, ...characters.map((character) => text + character), ...padded];
}
