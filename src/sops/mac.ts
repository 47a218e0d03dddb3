import { createHash, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrityError } from "../errors.js";
import { decryptScalar, encryptScalar } from "./cipher.js";
import type { SopsScalar } from "./document.js";
import { scalarBytes } from "./scalar.js";

/** What the MAC covers of one leaf. */
export interface MacLeaf {
  /** Decrypted. */
  readonly scalar: SopsScalar;
  /** Whether it is, or will be, encrypted in the file. */
  readonly encrypted: boolean;
}

/** SHA-256 of `sops`: put first when only encrypted values count, so that the two kinds of MAC never agree. */
const onlyEncryptedStart = createHash("sha256").update("sops").digest();

/**
 * The MAC of SOPS 3.13 over a file's values: SHA-512 of their bytes in the order of the file, without keys, types or
 * anything between them; comments and null are left out.
 *
 * @param onlyEncrypted - `mac_only_encrypted` of the file
 * @returns upper-case hexadecimal
 */
export function computeMac(leaves: Iterable<MacLeaf>, onlyEncrypted: boolean): string {
  const hash = createHash("sha512");
  if (onlyEncrypted) hash.update(onlyEncryptedStart);
  for (const { scalar, encrypted } of leaves) {
    const bytes = encrypted || !onlyEncrypted ? scalarBytes(scalar) : undefined;
    if (bytes !== undefined) hash.update(bytes);
  }
  return hash.digest("hex").toUpperCase();
}

/** The `mac` field: encrypted as text, bound to the time that stands in `lastmodified`. */
export function sealMac(mac: string, key: KeyObject, lastModified: string): string {
  const sealed = encryptScalar({ type: "str", value: mac }, key, lastModified);
  if (sealed.type !== "str") throw new TypeError("text is encrypted to text");
  return sealed.value;
}

/**
 * Compares the MAC that stands in a file with the one computed, in constant time.
 *
 * @param stored - the `mac` field; `undefined` or empty when the file has none
 * @throws IntegrityError when there is none, it does not decrypt, or it is another
 */
export function verifyMac(stored: string | undefined, computed: string, key: KeyObject, lastModified: string): void {
  if (stored === undefined || stored === "") {
    throw new IntegrityError("it has no MAC: nothing shows that its values are what was written");
  }
  let opened: SopsScalar;
  try {
    opened = decryptScalar({ type: "str", value: stored }, key, lastModified);
  } catch (cause) {
    throw new IntegrityError(
      "its MAC does not decrypt: `mac` or `lastmodified` was altered, or the keys are of another file",
      {
        cause,
      },
    );
  }
  const [one, other] = [Buffer.from(opened.type === "str" ? opened.value : ""), Buffer.from(computed)];
  if (one.length === other.length && timingSafeEqual(one, other)) return;
  throw new IntegrityError("its values are not those that were written: one was changed, moved, added or removed");
}
