import { Buffer } from "node:buffer";

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Gopass's own form for binary data (`gopass cat`, `gopass fscopy`): an empty first line, header lines of which one
 * says Base64, then one line of Base64. Written in lower or in mixed case, depending on the version.
 */
const binaryForm =
  /^\n(?:[A-Za-z-]+: [^\n]*\n)*?content-transfer-encoding: base64\n(?:[A-Za-z-]+: [^\n]*\n)*([A-Za-z0-9+/]*={0,2})\n*$/i;
const headerLimit = 512;

/**
 * The value of an entry.
 *
 * @param shown - what `gopass show --noparsing` printed: the whole body, which gopass always ends by a newline
 * @returns the body less its last newline; of an entry in gopass's binary form, the decoded bytes
 */
export function valueOfBody(shown: Uint8Array): Uint8Array {
  return decodeBinaryForm(shown) ?? (shown.at(-1) === newline ? shown.subarray(0, -1) : shown);
}

/** How a value is written so that it comes back byte for byte. */
export interface WrittenForm {
  /** `cat` stores in gopass's binary form, which `gopass show` prints as Base64 and `gopass cat` as it was. */
  readonly command: "insert" | "cat";
  readonly input: Uint8Array;
}

/**
 * The form to write a value in: as text when gopass keeps that text exactly, else in gopass's binary form. Gopass reads
 * and writes text line by line: it drops a carriage return before a newline, removes the old header
 * `GOPASS-SECRET-1.0`, and treats a first line `gopass://…` as a reference. When it encrypts for new recipients it
 * writes anew what it takes for YAML, so that `0123` becomes `83`.
 */
export function writtenForm(value: Uint8Array): WrittenForm {
  const body = Buffer.concat([value, Buffer.of(newline)]);
  return isKeptAsText(body) ? { command: "insert", input: body } : { command: "cat", input: value };
}

function isKeptAsText(body: Buffer): boolean {
  if (body.includes(0) || body.includes(Buffer.of(carriageReturn, newline)) || !isUtf8(body)) return false;
  if (body.indexOf("GOPASS-SECRET-1.0") === 0 || body.indexOf("gopass://") === 0) return false;
  return !looksLikeYaml(body.toString("latin1")) && decodeBinaryForm(body) === undefined;
}

/**
 * Gopass looks for YAML from the first line that begins with `---`. The boundary of a PEM block is such a line, and no
 * YAML map begins with it.
 */
function looksLikeYaml(text: string): boolean {
  if (/^\s*---\s*?\n/.test(text)) return true;
  const divider = /\n(---[^\n]*)/.exec(text)?.[1];
  return divider !== undefined && !/^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(divider);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function decodeBinaryForm(body: Uint8Array): Uint8Array | undefined {
  if (body[0] !== newline) return undefined;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
  if (!/content-transfer-encoding: base64\n/i.test(text.slice(0, headerLimit))) return undefined;
  const encoded = binaryForm.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64");
  return decoded.toString("base64") === encoded ? decoded : undefined;
}

/** The part of a `path#key` that says which part of the body is meant; `undefined` when the whole is. */
export interface EntryAddress {
  readonly entry: string;
  readonly key: string | undefined;
}

/** `prod/db#user` → entry `prod/db`, key `user`: everything after the first `#` is the key. */
export function parseAddress(path: string): EntryAddress {
  const at = path.indexOf("#");
  return at < 0 ? { entry: path, key: undefined } : { entry: path.slice(0, at), key: path.slice(at + 1) };
}
