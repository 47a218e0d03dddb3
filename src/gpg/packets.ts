/** The head of one packet of an OpenPGP message (RFC 4880 section 4.2). */
export interface Packet {
  readonly tag: number;
  /** Where its body begins and ends; `end` lies beyond the bytes when they are cut short. */
  readonly start: number;
  readonly end: number;
}

/** Packets by their tags (RFC 4880 section 4.3; 20 is GnuPG's and LibrePGP's, with authenticated encryption). */
export const tags = {
  sessionKeyForPublicKey: 1,
  sessionKeyForPassphrase: 3,
  onePassSignature: 4,
  compressed: 8,
  encryptedWithoutProtection: 9,
  literal: 11,
  encryptedWithProtection: 18,
  encryptedWithAuthentication: 20,
} as const;

/** The packet at an offset, or `undefined` where none begins or its head is cut short. */
export function packetAt(bytes: Uint8Array, offset: number): Packet | undefined {
  const first = bytes[offset];
  if (first === undefined || (first & 0x80) === 0) return undefined;
  return (first & 0x40) === 0 ? oldPacket(bytes, offset, first) : newPacket(bytes, offset, first & 0x3f);
}

/** Section 4.2.1: two bits say how many bytes tell the length; 3 is a body up to the end. */
function oldPacket(bytes: Uint8Array, offset: number, first: number): Packet | undefined {
  const tag = (first >> 2) & 0x0f;
  if ((first & 3) === 3) return { tag, start: offset + 1, end: bytes.length };
  const width = 2 ** (first & 3);
  const length = numberAt(bytes, offset + 1, width);
  if (length === undefined) return undefined;
  const start = offset + 1 + width;
  return { tag, start, end: start + length };
}

/** Section 4.2.2: one, two or five bytes of length, or parts, each with a length of its own. */
function newPacket(bytes: Uint8Array, offset: number, tag: number): Packet | undefined {
  let start: number | undefined;
  let at = offset + 1;
  for (;;) {
    const first = bytes[at];
    if (first === undefined) return undefined;
    const isPart = first >= 224 && first < 255;
    const width = first < 192 || isPart ? 1 : first < 224 ? 2 : 5;
    const length = isPart ? 2 ** (first & 0x1f) : lengthAt(bytes, at, first);
    if (length === undefined) return undefined;
    start ??= at + width;
    at += width + length;
    if (!isPart) return { tag, start, end: at };
  }
}

function lengthAt(bytes: Uint8Array, at: number, first: number): number | undefined {
  if (first < 192) return first;
  if (first === 255) return numberAt(bytes, at + 1, 4);
  const second = bytes[at + 1];
  return second === undefined ? undefined : ((first - 192) << 8) + second + 192;
}

function numberAt(bytes: Uint8Array, at: number, width: number): number | undefined {
  if (at + width > bytes.length) return undefined;
  let number = 0;
  for (let index = at; index < at + width; index++) number = number * 256 + (bytes[index] ?? 0);
  return number;
}
