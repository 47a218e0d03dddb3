import { randomBytes } from "node:crypto";
import { AgeFormatError } from "./format-error.js";
import { chachaOpen, chachaSeal, derive, tagLength } from "./primitives.js";

const nonceLength = 16;
const chunkLength = 64 * 1024;
const sealedLength = chunkLength + tagLength;

/** The payload of an age file: a nonce, then the chunks of STREAM (https://c2sp.org/age, section Payload). */
export function sealPayload(fileKey: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(nonceLength);
  const key = derive(fileKey, nonce, "payload");
  const count = Math.max(1, Math.ceil(plaintext.length / chunkLength));
  const chunks = Array.from({ length: count }, (_, index) =>
    chachaSeal(
      key,
      chunkNonce(index, index === count - 1),
      plaintext.subarray(index * chunkLength, (index + 1) * chunkLength),
    ),
  );
  return Buffer.concat([nonce, ...chunks]);
}

/**
 * The reverse of {@link sealPayload}. Nothing is returned unless every chunk is in its place and the last one is the last.
 *
 * @throws AgeFormatError
 */
export function openPayload(fileKey: Uint8Array, payload: Buffer): Buffer {
  const sealed = payload.subarray(nonceLength);
  if (sealed.length < tagLength) throw new AgeFormatError("its payload is cut off");
  const key = derive(fileKey, payload.subarray(0, nonceLength), "payload");
  const count = Math.ceil(sealed.length / sealedLength);
  const chunks: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const isLast = index === count - 1;
    const chunk = sealed.subarray(index * sealedLength, (index + 1) * sealedLength);
    const plaintext = chachaOpen(key, chunkNonce(index, isLast), chunk);
    if (plaintext === undefined) throw new AgeFormatError("its payload was altered or is cut off");
    if (isLast && index > 0 && plaintext.length === 0) throw new AgeFormatError("its last chunk is empty");
    chunks.push(plaintext);
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
}

/** The longest file {@link sealPayload} makes of a plaintext, less its header. */
export function payloadLength(plaintextLength: number): number {
  return nonceLength + plaintextLength + tagLength * Math.max(1, Math.ceil(plaintextLength / chunkLength));
}

/** Eleven bytes of counter, one that says whether the chunk is the last. */
function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  for (let left = index, at = 10; left > 0; left = Math.floor(left / 256)) nonce[at--] = left % 256;
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
