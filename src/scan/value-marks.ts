import { isUtf8 } from "node:buffer";
import { base64Forms } from "../redaction/base64.js";
import { escapedForms } from "../redaction/escapes.js";
import { telltaleParts, whyTooCommon } from "./distinctive.js";
import type { Mark } from "./marks.js";

/** A value to look for. */
export interface NamedValue {
  readonly name: string;
  readonly value: Uint8Array;
}

/** Why a value is not looked for. */
export interface Passed {
  readonly name: string;
  readonly reason: string;
}

/** How a telltale part of a value of several lines is reported. */
export const partForm = "a part of it";

const outerSpace = /^[\t\n\r ]+|[\t\n\r ]+$/g;
const longestMark = 512;
const fragment = 256;
const minimumDistinctBytes = 8;

/**
 * What gives values away, in every form: as they are, base64 at three alignments, hexadecimal, percent-encoded, escaped
 * for JSON, shells, URLs and XML, as UTF-16; of values of several lines also their telltale parts. White space around a
 * value does not count. Of a very long form, a piece from its middle is evidence enough.
 *
 * @returns the marks, and the names that are not looked for
 */
export function valueMarks(values: readonly NamedValue[]): {
  readonly marks: readonly Mark[];
  readonly passed: readonly Passed[];
} {
  const passed: Passed[] = [];
  const marks = values.flatMap(({ name, value }) => {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      .toString("latin1")
      .replace(outerSpace, "");
    const reason = whyTooCommon(textOf(text));
    if (reason !== undefined) passed.push({ name, reason });
    return reason === undefined ? marksOf(name, text) : [];
  });
  return { marks, passed };
}

/** @param text - a byte string: one character per byte */
function marksOf(name: string, text: string): readonly Mark[] {
  const parts = /[\n{[]/.test(text) ? telltaleParts(text) : [];
  // Its lines are found as well, and are told together.
  const whole = text.includes("\n") && parts.length > 0 ? partForm : "as it is";
  const forms: readonly WrittenForm[] = [
    ...withEitherLineEnd(text).flatMap((written) => formsOf(written, whole)),
    ...parts.map((part) => [partForm, part] as const),
  ];
  const distinct = new Map(forms.toReversed().map(([form, written]) => [shortened(written), form]));
  return [...distinct].map(([written, form]) => ({
    kind: "value",
    name,
    form: form === probeForm ? "base64" : form,
    isPart: form === probeForm || form === partForm,
    bytes: Buffer.from(written, "latin1"),
  }));
}

/** How a form is told, and the form. */
type WrittenForm = readonly [string, string];

/** A checkout or an editor may have changed the line ends of a copy. */
function withEitherLineEnd(text: string): readonly string[] {
  if (!text.includes("\n")) return [text];
  const lines = text.split(/\r?\n/);
  return [...new Set([text, lines.join("\n"), lines.join("\r\n")])];
}

/** Every form of a text but its parts. @param plain - how the text itself is told */
function formsOf(text: string, plain: string): readonly WrittenForm[] {
  const bytes = Buffer.from(text, "latin1");
  const hex = bytes.toString("hex");
  const percent = hex.replace(/../g, "%$&");
  const base64 = base64Forms(bytes).map((form) => form.text);
  return [
    [plain, text],
    ["hex", hex],
    ["hex", hex.toUpperCase()],
    ...base64.map((form) => ["base64", form] as const),
    ...base64.flatMap(probesOf).map((probe) => [probeForm, probe] as const),
    ["URL-encoded", percent],
    ["URL-encoded", percent.toUpperCase()],
    ...escapedForms(text).map(
      (form) => [form.includes("%") && !text.includes("%") ? "URL-encoded" : "escaped", form] as const,
    ),
    ...utf16Forms(text).map((form) => ["UTF-16", form] as const),
  ];
}

const probeLength = 32;
const probeForm = "a probe";

/**
 * Three pieces from the middle of a long base64 text, one behind the other: whatever the lines it is broken into, if they
 * have 48 characters or more, one of the pieces is on one line.
 */
function probesOf(text: string): readonly string[] {
  if (text.length < 4 * probeLength || /\s/.test(text)) return [];
  const start = Math.floor((text.length - 3 * probeLength) / 2);
  const probes = [0, 1, 2].map((index) => text.slice(start + index * probeLength, start + (index + 1) * probeLength));
  return probes.every((probe) => new Set(probe).size >= minimumDistinctBytes) ? probes : [];
}

function utf16Forms(text: string): readonly string[] {
  const decoded = textOf(text);
  if (decoded === text && /[\u0080-\u00ff]/.test(text)) return [];
  const little = Buffer.from(decoded, "utf16le");
  return [little.toString("latin1"), Buffer.from(little).swap16().toString("latin1")];
}

function shortened(form: string): string {
  if (form.length <= longestMark) return form;
  const start = Math.floor((form.length - fragment) / 2);
  const piece = form.slice(start, start + fragment);
  return new Set(piece).size < minimumDistinctBytes ? form : piece;
}

/** Characters where the bytes are UTF-8 text. */
function textOf(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : text;
}
