import { Buffer } from "node:buffer";

const head = "-----BEGIN PGP MESSAGE-----";
const tail = "-----END PGP MESSAGE-----";
const checksumForm = /^=[A-Za-z0-9+/]{4}$/;

/**
 * The binary form of a message that may be armored (RFC 4880 section 6.2: a head, header lines, an empty line, Base64, a
 * checksum, a tail), so that gpg and we read the same bytes. Nothing may stand before or after it.
 *
 * @returns `undefined` when it is armored and not as the RFC says, or its checksum is wrong
 */
export function unarmored(bytes: Uint8Array): Uint8Array | undefined {
  // A binary packet begins with a byte of 128 or more.
  if (bytes[0] === undefined || bytes[0] >= 0x80) return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trimEnd());
  if (lines.shift() !== head || lines.pop() !== tail) return undefined;
  const empty = lines.indexOf("");
  if (empty < 0 || !lines.slice(0, empty).every((line) => /^[A-Za-z][A-Za-z0-9-]*: /.test(line))) return undefined;
  const last = lines.at(-1) ?? "";
  const checksum = checksumForm.test(last) ? last.slice(1) : undefined;
  const encoded = lines.slice(empty + 1, checksum === undefined ? undefined : -1).join("");
  const decoded = Buffer.from(encoded, "base64");
  if (decoded.toString("base64") !== encoded) return undefined;
  if (checksum !== undefined && Buffer.from(checksum, "base64").readUIntBE(0, 3) !== crc24(decoded)) return undefined;
  return decoded;
}

/** RFC 4880 section 6.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
