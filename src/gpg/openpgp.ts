import { Buffer } from "node:buffer";
import { packetAt, tags } from "./packets.js";

/** What the head of a file says about its encryption: for which key ids, `hidden` when it does not tell all of them. */
export type FileRecipients =
  | { readonly kind: "encrypted"; readonly keyIds: readonly string[]; readonly hidden: boolean }
  | { readonly kind: "plain" }
  | { readonly kind: "unknown" };

const packetsOfPlainMessages: ReadonlySet<number> = new Set([tags.onePassSignature, tags.compressed, tags.literal]);

/** Session key packets of version 3 at the start of an OpenPGP message (RFC 4880 sections 4.2 and 5.1). */
export function parseFileRecipients(bytes: Uint8Array): FileRecipients {
  const keyIds: string[] = [];
  let offset = 0;
  for (;;) {
    const packet = packetAt(bytes, offset);
    if (packet === undefined) {
      // The head of a file may end here.
      if (keyIds.length > 0 && offset < bytes.length) break;
      return { kind: "unknown" };
    }
    if (keyIds.length === 0 && packetsOfPlainMessages.has(packet.tag)) return { kind: "plain" };
    if (packet.tag !== tags.sessionKeyForPublicKey) break;
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

/**
 * Whether these bytes are one encrypted message and nothing else: session keys, then one packet of encrypted data with
 * integrity protection, up to the last byte. `plain`: it begins with something unencrypted; `passphrase`: no session
 * key is for a public key; `unprotected`: a change of the data would not be noticed (RFC 4880 section 5.7).
 */
export type MessageShape = "encrypted" | "plain" | "passphrase" | "unprotected" | "damaged";

/** Judges by the heads of the packets alone; what is inside of the encryption is for gpg to say. */
export function messageShape(bytes: Uint8Array): MessageShape {
  let forKeys = 0;
  let forPassphrases = 0;
  let offset = 0;
  for (;;) {
    const packet = packetAt(bytes, offset);
    if (packet === undefined) return "damaged";
    const { tag, end } = packet;
    if (offset === 0 && packetsOfPlainMessages.has(tag)) return "plain";
    if (tag === tags.sessionKeyForPublicKey) forKeys += 1;
    else if (tag === tags.sessionKeyForPassphrase) forPassphrases += 1;
    else {
      if (end !== bytes.length || forKeys + forPassphrases === 0) return "damaged";
      if (tag === tags.encryptedWithoutProtection) return "unprotected";
      if (tag !== tags.encryptedWithProtection && tag !== tags.encryptedWithAuthentication) return "damaged";
      return forKeys === 0 ? "passphrase" : "encrypted";
    }
    offset = end;
  }
}
