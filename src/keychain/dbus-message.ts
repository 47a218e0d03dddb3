/*
 * The few messages of D-Bus that one question takes: D-Bus Specification 0.43, sections "Marshaling" and "Message Format".
 * Little-endian, without file descriptors.
 */

/** A call of one method, whose arguments are strings. */
export interface MethodCall {
  readonly serial: number;
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly words: readonly string[];
}

/** What is of interest in a message that came. */
export interface Message {
  /** The call it answers. */
  readonly replySerial: number | undefined;
  readonly body: Buffer;
  /** How many bytes it takes, with its padding. */
  readonly length: number;
}

const methodCall = 1;
const field = { path: 1, interface: 2, member: 3, replySerial: 5, destination: 6, signature: 8 } as const;
const fixedHeaderBytes = 16;
/** Far above any reply to what is asked here. */
const maximumMessageBytes = 1024 * 1024;

/** The bytes of a call. */
export function encodeCall(call: MethodCall): Buffer {
  const body = joined(call.words.map(stringOf), 4);
  const fields = [
    fieldOf(field.path, "o", stringOf(call.path)),
    fieldOf(field.interface, "s", stringOf(call.interface)),
    fieldOf(field.member, "s", stringOf(call.member)),
    fieldOf(field.destination, "s", stringOf(call.destination)),
    ...(call.words.length === 0 ? [] : [fieldOf(field.signature, "g", signatureOf("s".repeat(call.words.length)))]),
  ];
  const header = joined(fields, 8);
  const fixed = Buffer.alloc(fixedHeaderBytes);
  fixed.set([0x6c, methodCall, 0, 1]);
  fixed.writeUInt32LE(body.length, 4);
  fixed.writeUInt32LE(call.serial, 8);
  fixed.writeUInt32LE(header.length, 12);
  return Buffer.concat([padded(Buffer.concat([fixed, header]), 8), body]);
}

/**
 * The message that these bytes begin with.
 *
 * @returns `undefined` when some of it has yet to come
 * @throws RangeError when it is no message of this form
 */
export function decodeMessage(bytes: Buffer): Message | undefined {
  if (bytes.length < fixedHeaderBytes) return undefined;
  if (bytes[0] !== 0x6c || bytes[3] !== 1) throw new RangeError("expected a little-endian message of version 1");
  const bodyLength = bytes.readUInt32LE(4);
  const fieldsLength = bytes.readUInt32LE(12);
  if (bodyLength > maximumMessageBytes || fieldsLength > maximumMessageBytes) throw new RangeError("message too long");
  const fieldsEnd = fixedHeaderBytes + fieldsLength;
  const bodyStart = alignedTo(fieldsEnd, 8);
  const length = bodyStart + bodyLength;
  if (bytes.length < length) return undefined;
  const replySerial = findReplySerial(bytes.subarray(0, fieldsEnd));
  return { replySerial, body: bytes.subarray(bodyStart, length), length };
}

/** The value of a body that is one variant with a boolean in it; `undefined` when it is something else, as an error is. */
export function booleanIn(body: Buffer): boolean | undefined {
  const isBoolean = body.length === 8 && body.readUInt32LE(0) === 0x00_00_62_01;
  const value = isBoolean ? body.readUInt32LE(4) : undefined;
  return value === 0 || value === 1 ? value === 1 : undefined;
}

/** Fields are structures of a code and a variant, each at a multiple of 8. */
function findReplySerial(header: Buffer): number | undefined {
  let offset = fixedHeaderBytes;
  while (offset < header.length) {
    offset = alignedTo(offset, 8);
    const code = header.readUInt8(offset);
    const type = String.fromCharCode(header.readUInt8(offset + 2));
    // Length, one letter, NUL: the types of all fields there are.
    if (header.readUInt8(offset + 1) !== 1 || header.readUInt8(offset + 3) !== 0) throw new RangeError("unknown field");
    if (code === field.replySerial && type === "u") return header.readUInt32LE(offset + 4);
    offset += 4 + valueLength(header, offset + 4, type);
  }
  return undefined;
}

function valueLength(bytes: Buffer, offset: number, type: string): number {
  if (type === "u") return 4;
  if (type === "g") return bytes.readUInt8(offset) + 2;
  if (type === "s" || type === "o") return bytes.readUInt32LE(offset) + 5;
  throw new RangeError("unknown type of a field");
}

function fieldOf(code: number, type: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(code), signatureOf(type), value]);
}

function stringOf(text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length - 1);
  return Buffer.concat([length, bytes]);
}

function signatureOf(text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length)}${text}\0`);
}

/** Each part begins at a multiple of `alignment`. */
function joined(parts: readonly Buffer[], alignment: number): Buffer {
  return parts.reduce((whole, part) => Buffer.concat([padded(whole, alignment), part]), Buffer.alloc(0));
}

function padded(bytes: Buffer, alignment: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(alignedTo(bytes.length, alignment) - bytes.length)]);
}

function alignedTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
