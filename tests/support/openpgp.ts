import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { run } from "./gopass.js";
import type { GopassMachine } from "./gopass.js";

/** A packet in the new format (RFC 4880 section 4.2.2). */
export function packet(tag: number, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.of(0xc0 | tag, 255), length, body]);
}

/** A literal without name and date (section 5.9). */
export function literal(text: string): Buffer {
  return packet(11, Buffer.concat([Buffer.of(0x62, 0, 0, 0, 0, 0), Buffer.from(text)]));
}

/**
 * A message whose encryption holds exactly these bytes, which gpg would never write: the session key of a real message
 * with data of our own, and a true modification detection code (sections 5.13 and 5.14).
 *
 * @param message - encrypted for this machine with AES-256
 */
export function sealedAnew(machine: GopassMachine, message: Buffer, inner: Uint8Array): Buffer {
  const shown = run(machine, "gpg", ["--batch", "--show-session-key", "--decrypt"], message).stderr;
  const [, algorithm, hex = ""] = /session key: '(\d+):([0-9A-F]+)'/.exec(shown) ?? [];
  if (algorithm !== "9") throw new Error("gpg showed no session key for AES-256");
  const start = randomBytes(16);
  const guarded = Buffer.concat([start, start.subarray(14), inner, Buffer.of(0xd3, 0x14)]);
  const cipher = createCipheriv("aes-256-cfb", Buffer.from(hex, "hex"), Buffer.alloc(16));
  const clear = Buffer.concat([guarded, createHash("sha1").update(guarded).digest()]);
  const data = packet(18, Buffer.concat([Buffer.of(1), cipher.update(clear), cipher.final()]));
  return Buffer.concat([sessionKeyOf(message), data]);
}

/** The first packet, in the old format with one byte or two of length, as gpg writes it. */
function sessionKeyOf(message: Buffer): Buffer {
  const [head = 0, one = 0, two = 0] = message;
  return message.subarray(0, (head & 3) === 0 ? 2 + one : 3 + one * 256 + two);
}
