// What a `Buffer` can do as well, without code of Node's that a quick command would have to compile first: V8 has these
// ready for every array of bytes.

/** Where a byte is, from an offset on. @returns -1 when it is not there */
export function indexOfByte(bytes: Uint8Array, byte: number, from = 0): number {
  return Uint8Array.prototype.indexOf.call(bytes, byte, from);
}

/** The bytes of several arrays, one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Buffer {
  const joined = Buffer.alloc(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
