import { IntegrityError, LockedError, UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import type { GpgStatus } from "./status.js";

/** What a decryption left to judge by. The text of standard error may hold a value and is never shown. */
export interface Decryption {
  readonly status: GpgStatus;
  readonly stderr: string;
}

/** Words for messages, with user input quoted. */
export interface DecryptionSubject {
  /** What is decrypted: `` `a/b` ``, `` the data key of `a.yaml` ``. */
  readonly value: string;
  /** What its encrypted form is in: `` the file of `a/b` ``. */
  readonly file: string;
}

/** How the caller's user mends each state, one line each. */
export interface DecryptionHints {
  readonly damaged?: string;
  readonly plain?: string;
  readonly passphrase?: string;
  readonly notOurs?: string;
  readonly unlock?: string;
}

interface Row {
  readonly when: (run: Decryption) => boolean;
  readonly error: (subject: DecryptionSubject, hints: DecryptionHints) => SecretsError;
}

const says =
  (...keywords: readonly string[]) =>
  ({ status }: Decryption): boolean =>
    status.says(...keywords);
const reports =
  (keyword: string, ...reasons: readonly string[]) =>
  ({ status }: Decryption): boolean =>
    status.lines.some((line) => line.keyword === keyword && reasons.includes(line.rest.split(" ", 1)[0] ?? ""));

/** The error for a message that was altered, cut, or never was one. */
export function damaged({ file }: DecryptionSubject, { damaged: hint }: DecryptionHints = {}): SecretsError {
  return new IntegrityError(`${file} is damaged`, hint === undefined ? {} : { hint });
}

/** The error for what was never encrypted. */
export function plain({ file }: DecryptionSubject, { plain: hint }: DecryptionHints): SecretsError {
  return new IntegrityError(`${file} is not encrypted`, hint === undefined ? {} : { hint });
}

/** The error for what is encrypted for no key, which the rest of a store never asks a person for. */
export function passphraseOnly({ value }: DecryptionSubject, { passphrase: hint }: DecryptionHints): SecretsError {
  return new LockedError(`${value} is encrypted with a passphrase, not for a key`, hint === undefined ? {} : { hint });
}

/** In this order: what gpg reports last and most definitely comes first. */
const rows: readonly Row[] = [
  { when: says("BADMDC", "NODATA", "UNEXPECTED"), error: damaged },
  {
    when: says("NEED_PASSPHRASE_SYM"),
    error: passphraseOnly,
  },
  {
    when: (run) => says("PLAINTEXT")(run) && !says("ENC_TO", "BEGIN_DECRYPTION")(run),
    error: plain,
  },
  // The session key was opened, and what it encrypts still did not decrypt.
  { when: says("DECRYPTION_KEY"), error: damaged },
  {
    when: ({ stderr }) => /Checksum error|Wrong secret key used|Invalid packet|Invalid object/i.test(stderr),
    error: damaged,
  },
  {
    when: reports("ERROR", "keydb_search", "add_keyblock_resource"),
    error: ({ value }) =>
      new LockedError(`no usable key for ${value}: gpg cannot read this user's key ring`, {
        hint: "check `gpg --list-secret-keys`, and `GNUPGHOME` if it is set",
      }),
  },
  {
    when: ({ status }) => status.says("DECRYPTION_FAILED") && isNotOurs(status),
    error: notOurs,
  },
  {
    when: (run) => says("PINENTRY_LAUNCHED", "KEY_CONSIDERED")(run) && says("DECRYPTION_FAILED")(run),
    error: ({ value }, { unlock }) =>
      new LockedError(`the key for ${value} is on this machine, but could not be used`, {
        hint: unlock ?? "unlock the key first, for instance `export GPG_TTY=$(tty)` and one decryption in a terminal",
      }),
  },
  { when: says("DECRYPTION_FAILED", "NO_SECKEY"), error: notOurs },
];

/** Of every key it is encrypted for, gpg says that the secret part is not here. */
function isNotOurs(status: GpgStatus): boolean {
  const recipients = status.count("ENC_TO");
  return recipients > 0 && status.count("NO_SECKEY") >= recipients;
}

function notOurs({ value }: DecryptionSubject, { notOurs: hint }: DecryptionHints): SecretsError {
  return new LockedError(`${value} is not encrypted for any key of this machine`, hint === undefined ? {} : { hint });
}

/**
 * Why a decryption gave nothing to be accepted.
 *
 * @returns `undefined` when gpg's words say nothing known
 */
export function decryptionFailure(
  subject: DecryptionSubject,
  run: Decryption,
  hints: DecryptionHints = {},
): SecretsError | undefined {
  return rows.find(({ when }) => when(run))?.error(subject, hints);
}

/** The error when gpg ended in a way that says nothing known. */
export function unexplained({ value }: DecryptionSubject, exitCode: number | undefined): SecretsError {
  const end = exitCode === undefined ? "was ended by a signal" : `ended with exit code ${exitCode}`;
  return new UnavailableError(`gpg ${end} while it decrypted ${value}`, {
    hint: "run gpg by hand to see its message, which is withheld here because it might hold a value",
  });
}
