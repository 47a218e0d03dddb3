import { indexOfByte, joinBytes } from "../files/bytes.js";
import { AgeFormatError } from "./format-error.js";
import { decodeUnpadded, encodeUnpadded, headerMac } from "./primitives.js";

/** One recipient of a file: how its key was wrapped, and what came of it. */
export interface Stanza {
  /** The kind of recipient: `X25519`, `scrypt`, `mlkem768x25519`, `ssh-ed25519`, … */
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Buffer;
}

/** The head of an age file (https://c2sp.org/age). */
export interface AgeHeader {
  readonly stanzas: readonly Stanza[];
  /** What the MAC is over: from the first byte to the `---` of the last line. */
  readonly signed: Buffer;
  readonly mac: Buffer;
  /** All of it, with its last newline. */
  readonly bytes: Buffer;
}

const versionLine = "age-encryption.org/v1";
/** Some hundred post-quantum recipients, or thousands of others; each costs every reader a try. */
export const maximumHeaderBytes = 1024 * 1024;
const macLength = 32;
const bodyLineLength = 64;
const newline = 0x0a;

/** Whether a file begins as a binary age file does. */
export function startsAsAge(file: Buffer): boolean {
  return file.toString("latin1", 0, versionLine.length) === versionLine;
}

/**
 * Reads the head of a binary age file. Accepts exactly one spelling.
 *
 * @throws AgeFormatError
 */
export function parseHeader(file: Buffer): AgeHeader {
  const lines = new Lines(file);
  if (lines.next() !== versionLine) throw new AgeFormatError("it does not begin as an age file of version 1");
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.offset;
    const line = lines.next();
    if (!line.startsWith("---")) {
      stanzas.push(parseStanza(line, lines));
      continue;
    }
    const mac = line.startsWith("--- ") ? decodeUnpadded(line.slice(4)) : undefined;
    if (mac?.length !== macLength) throw new AgeFormatError("the last line of its header is malformed");
    if (stanzas.length === 0) throw new AgeFormatError("its header names no recipient");
    return { stanzas, signed: file.subarray(0, start + 3), mac, bytes: file.subarray(0, lines.offset) };
  }
}

/** The head of a file with this key: what {@link parseHeader} reads. */
export function formatHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Buffer {
  const lines = stanzas.flatMap(({ type, args, body }) => [`-> ${[type, ...args].join(" ")}`, ...bodyLines(body)]);
  const signed = [versionLine, ...lines, "---"].join("\n");
  return Buffer.from(`${signed} ${encodeUnpadded(headerMac(fileKey, Buffer.from(signed)))}\n`);
}

function parseStanza(line: string, lines: Lines): Stanza {
  // Arguments are printable ASCII without spaces, of which there is one between two.
  if (!/^->(?: [!-~]+)+$/.test(line)) throw new AgeFormatError("a recipient in its header is malformed");
  const [type = "", ...args] = line.slice(3).split(" ");
  const parts: Buffer[] = [];
  for (;;) {
    const text = lines.next();
    const part = text.length <= bodyLineLength ? decodeUnpadded(text) : undefined;
    if (part === undefined) throw new AgeFormatError("the body of a recipient in its header is malformed");
    parts.push(part);
    if (text.length < bodyLineLength) return { type, args, body: joinBytes(parts) };
  }
}

/** The last line is shorter than a full one, if need be empty. */
function bodyLines(body: Buffer): readonly string[] {
  const text = encodeUnpadded(body);
  const count = Math.floor(text.length / bodyLineLength) + 1;
  return Array.from({ length: count }, (_, index) => text.slice(index * bodyLineLength, (index + 1) * bodyLineLength));
}

/** The lines of a file, as long as they are its head. */
class Lines {
  readonly #file: Buffer;
  offset = 0;

  constructor(file: Buffer) {
    this.#file = file;
  }

  next(): string {
    const end = indexOfByte(this.#file, newline, this.offset);
    if (end < 0) throw new AgeFormatError("its header is cut off");
    if (end >= maximumHeaderBytes) throw new AgeFormatError(`its header is longer than ${maximumHeaderBytes} bytes`);
    const line = this.#file.toString("latin1", this.offset, end);
    this.offset = end + 1;
    return line;
  }
}
