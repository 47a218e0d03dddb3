/** The bytes of canonical base64 (RFC 4648 section 4, padded), or `undefined` for any other text. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/**
 * Writes the bytes of canonical base64 to the start of a buffer, as {@link decodeBase64} accepts it.
 *
 * @param target - room for three bytes for every four characters
 * @returns how many bytes, or -1 for any other text
 */
export function decodeBase64Into(target: Buffer, text: string): number {
  const length = target.write(text, "base64");
  // What the decoder passes over makes the result too short; the URL alphabet and stray bits in the last group do not.
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (text.length % 4 !== 0 || length !== (text.length / 4) * 3 - padding) return -1;
  if (text.includes("-") || text.includes("_")) return -1;
  const lastGroup = padding === 0 ? length : length - 3 + padding;
  return padding === 0 || target.toString("base64", lastGroup, length) === text.slice(-4) ? length : -1;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Each part after its length as four bytes, big-endian: no two lists of parts give the same bytes. */
export function lengthPrefixed(parts: readonly (string | Uint8Array)[]): Buffer {
  const fields = parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const bytes = Buffer.alloc(fields.reduce((sum, { length }) => sum + 4 + length, 0));
  let offset = 0;
  for (const field of fields) {
    // Not by `writeUInt32BE`, whose first call in a process compiles six functions.
    for (const shift of [24, 16, 8, 0]) bytes[offset++] = field.length >>> shift;
    bytes.set(field, offset);
    offset += field.length;
  }
  return bytes;
}
