import { LockedError, quote } from "../errors.js";
import { encodeBech32 } from "./bech32.js";
import type { AgeHeader } from "./header.js";
import { hybridType } from "./stanza-types.js";
import { encodeSecretKey, identityExpectation, linesOf, parseSecretKeys } from "./secret-key.js";
import type { SecretKey } from "./secret-key.js";
import { exportX25519Public, importX25519Private } from "./x25519.js";
import { unwrapX25519 } from "./x25519-stanza.js";

/** What opens age files: a private key or a passphrase. */
export interface AgeIdentity {
  readonly kind: "x25519" | "hybrid" | "passphrase";
  /** The public key that belongs to it, `age1…` or `age1pq1…`; a passphrase has none. */
  readonly recipient: () => Promise<string | undefined>;
  /**
   * @returns the key of a file, or `undefined` when the file is not for this identity
   * @throws AgeFormatError when it may be and is malformed
   */
  readonly unwrap: (header: AgeHeader) => Promise<Buffer | undefined>;
}

/**
 * Reads the text of an age identity file: one identity a line, `#` comments and empty lines between, as `age-keygen` writes
 * it.
 *
 * @param source - what to call it in messages, such as the file's name
 * @throws LockedError naming the line that is no identity, or when there is none; never what stands there
 */
export function parseIdentities(text: string, source: string): readonly [AgeIdentity, ...AgeIdentity[]] {
  const [first, ...rest] = parseSecretKeys(linesOf(text), source).map(identityOf);
  if (first !== undefined) return [first, ...rest];
  throw new LockedError(`${quote(source)} holds no age identity`, { hint: identityExpectation });
}

/** The identity that a private key is. */
export function identityOf({ kind, secret }: SecretKey): AgeIdentity {
  if (kind === "hybrid") {
    const text = encodeSecretKey(kind, secret);
    return {
      kind,
      recipient: async () => (await import("./hybrid.js")).hybridRecipient(text),
      unwrap: async (header) => {
        // The library is large: it is not loaded for files it has nothing to do with.
        if (!header.stanzas.some(({ type }) => type === hybridType)) return undefined;
        const { unwrapHybrid } = await import("./hybrid.js");
        return unwrapHybrid(text, header);
      },
    };
  }
  const privateKey = importX25519Private(secret);
  const point = exportX25519Public(privateKey);
  return {
    kind,
    recipient: async () => encodeBech32("age", point),
    unwrap: async (header) => unwrapX25519(privateKey, point, header.stanzas),
  };
}

/** A passphrase as an identity: opens files for a passphrase (scrypt). */
export function passphraseIdentity(passphrase: string): AgeIdentity {
  return {
    kind: "passphrase",
    recipient: async () => undefined,
    unwrap: async (header) => {
      const { unwrapScrypt } = await import("./scrypt-stanza.js");
      return unwrapScrypt(passphrase, header.stanzas);
    },
  };
}
