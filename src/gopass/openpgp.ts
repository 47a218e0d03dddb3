/** What the head of a file says about its encryption: for which key ids, `hidden` when it does not tell all of them. */
export type FileRecipients =
  | { readonly kind: "encrypted"; readonly keyIds: readonly string[]; readonly hidden: boolean }
  | { readonly kind: "plain" }
  | { readonly kind: "unknown" };

const sessionKeyForPublicKey = 1;
/** One-pass signature, compressed data, literal data. */
const packetsOfPlainMessages: ReadonlySet<number> = new Set([4, 8, 11]);

/** Session key packets of version 3 at the start of an OpenPGP message (RFC 4880 sections 4.2 and 5.1). */
export function parseFileRecipients(bytes: Uint8Array): FileRecipients {
  const keyIds: string[] = [];
  let offset = 0;
  for (;;) {
    const packet = packetAt(bytes, offset);
    if (packet === undefined) return { kind: "unknown" };
    if (keyIds.length === 0 && packetsOfPlainMessages.has(packet.tag)) return { kind: "plain" };
    if (packet.tag !== sessionKeyForPublicKey) break;
    if (bytes[packet.start] !== 3) return { kind: "unknown" };
    keyIds.push(
      Buffer.from(bytes.subarray(packet.start + 1, packet.start + 9))
        .toString("hex")
        .toUpperCase(),
    );
    offset = packet.end;
  }
  if (keyIds.length === 0) return { kind: "unknown" };
  return { kind: "encrypted", keyIds, hidden: keyIds.includes("0000000000000000") };
}

function packetAt(bytes: Uint8Array, offset: number): { tag: number; start: number; end: number } | undefined {
  const first = bytes[offset] ?? 0;
  const lengthByte = bytes[offset + 1] ?? 0;
  const next = bytes[offset + 2] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) !== 0) {
    const tag = first & 0x3f;
    if (lengthByte < 192) return { tag, start: offset + 2, end: offset + 2 + lengthByte };
    if (lengthByte < 224) return { tag, start: offset + 3, end: offset + 3 + ((lengthByte - 192) << 8) + next + 192 };
    return { tag, start: offset + 2, end: bytes.length };
  }
  const tag = (first >> 2) & 0x0f;
  if ((first & 3) === 0) return { tag, start: offset + 2, end: offset + 2 + lengthByte };
  if ((first & 3) === 1) return { tag, start: offset + 3, end: offset + 3 + lengthByte * 256 + next };
  return { tag, start: offset + 2, end: bytes.length };
}
