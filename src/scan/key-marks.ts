import { fernetKeysIn } from "../fernet/key.js";

/** A sign of a private key, looked for as every value is. */
export interface KeyMark {
  /** For a person: `age secret key`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether what stands at a place is a key and no mention of one. `text` ends {@link keyLookahead} bytes later or more. */
  readonly confirm: (text: Buffer, at: number) => boolean;
}

/** How much is read behind the beginning of a mark to tell. */
export const keyLookahead = 512;

const bech32 = "[02-9AC-HJ-NP-Z]";
const ageKey = new RegExp(`^AGE-SECRET-KEY-(?:1${bech32}{58}|PQ-1${bech32}{58})`);
const privateKey =
  /^-----BEGIN (?:(?!ENCRYPTED )[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[ \t]*\r?\n(?:[\w-]+: [^\n]*\n|[ \t]*\r?\n)*[ \t]*[A-Za-z0-9+/=]{16,}/;
/** A passphrase protects it: by a header of PEM (RFC 1421), or by a cipher other than `none` in OpenSSH's `PROTOCOL.key`. */
const encryptedKey = /^Proc-Type: *4,ENCRYPTED|^[ \t]*b3BlbnNzaC1rZXktdjEA(?!AAAABG5vbm)/m;

/**
 * Private keys by what stands in a file: age identities (the native and the post-quantum kind) and PEM (RFC 7468) or
 * OpenPGP armour at the beginning of a line with key data below it.
 */
export const keyMarks: readonly KeyMark[] = [
  {
    name: "age secret key",
    bytes: Buffer.from("AGE-SECRET-KEY-"),
    confirm: (text, at) => ageKey.test(text.toString("latin1", at, at + keyLookahead)),
  },
  {
    name: "private key",
    bytes: Buffer.from("-----BEGIN "),
    confirm: (text, at) => {
      if (at !== 0 && text[at - 1] !== 0x0a) return false;
      // What follows a short key is another one.
      const [beginning = ""] = text.toString("latin1", at, at + keyLookahead).split("-----END ");
      return privateKey.test(beginning) && !encryptedKey.test(beginning);
    },
  },
];

/** Whether a file is, by its name without directories, where the key of an encrypted file in the older format lies, or the keys replaced. */
export function isKeyFileName(name: string): boolean {
  return name === ".key" || name === ".key.old";
}

/** Whether such a file holds the key of an encrypted file in the older format. */
export function hasFernetKey(bytes: Uint8Array): boolean {
  return fernetKeysIn(Buffer.from(bytes).toString("latin1")).length > 0;
}
