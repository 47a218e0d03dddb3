import { Buffer } from "node:buffer";
import { decodeBinaryForm } from "../password-store/body.js";

const newline = 0x0a;
const carriageReturn = 0x0d;

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
