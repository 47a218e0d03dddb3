import { IntegrityError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { unarmored } from "./armor.js";
import { damaged, decryptionFailure, passphraseOnly, plain, unexplained } from "./failures.js";
import type { DecryptionHints, DecryptionSubject } from "./failures.js";
import { messageShape } from "./openpgp.js";
import type { MessageShape } from "./openpgp.js";
import { runGpg } from "./program.js";
import type { GpgProgram } from "./program.js";
import { parseStatus } from "./status.js";
import type { GpgStatus } from "./status.js";

/** What is decrypted for whom. */
export interface DecryptionCall {
  readonly subject: DecryptionSubject;
  readonly hints?: DecryptionHints;
  /** The longest plaintext to accept, in bytes. */
  readonly maximumBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const usualMaximumBytes = 16 * 1024 * 1024 + 1;

/**
 * Decrypts one OpenPGP message, binary or armored, with the keys of gpg's agent. A plaintext is accepted only when the
 * message is encrypted for keys, from its first byte to its last; gpg says `DECRYPTION_OKAY` and `GOODMDC`, and ends
 * with exit code 0; and it holds exactly one literal. So nothing that was never encrypted, or was cut or joined, is
 * taken for a value. A signature in it is not looked at: who wrote a value is not told by this.
 *
 * @throws LockedError when no key of this machine opens it, or the key could not be used
 * @throws IntegrityError when it is not such a message, or was altered
 * @throws UnavailableError `not_installed` when there is no gpg, else when gpg ended in an unknown way
 * @throws CancelledError
 */
export async function decryptWithGpg(
  gpg: GpgProgram,
  ciphertext: Uint8Array,
  call: DecryptionCall,
): Promise<Uint8Array> {
  const { subject, hints = {}, maximumBytes = usualMaximumBytes } = call;
  const message = requireMessage(ciphertext, subject, hints);
  const end = await runGpg(gpg, {
    argv: [...withoutSignatures, "--output", "-", "--decrypt"],
    input: message,
    signal: call.signal,
    maximumOutputBytes: maximumBytes,
  });
  const status = parseStatus(end.channel);
  // When it cannot write all of the plaintext, gpg says so by its exit code alone.
  if (end.exitCode === 0 && isAccepted(status, end.stdout.length)) return end.stdout;
  throw decryptionFailure(subject, { status, stderr: end.stderr }, hints) ?? unexplained(subject, end.exitCode);
}

/**
 * The bytes to give to gpg.
 *
 * @throws IntegrityError, LockedError when these bytes are no encrypted message, so that gpg need not be asked
 */
export function requireMessage(
  ciphertext: Uint8Array,
  subject: DecryptionSubject,
  hints: DecryptionHints = {},
): Uint8Array {
  const message = unarmored(ciphertext);
  const shape = message === undefined ? "damaged" : messageShape(message);
  if (message === undefined || shape !== "encrypted") throw shapeError(shape, subject, hints);
  return message;
}

/** gpg would end with a failure over a signature whose key is not here, although it decrypted everything. */
export const withoutSignatures = ["--skip-verify"] as const;

/**
 * Whether the status lines of one message, in a run of gpg that ended with exit code 0, tell of a plaintext that was
 * whole and protected.
 *
 * @param length - of what was printed, in bytes
 */
export function isAccepted(status: GpgStatus, length: number): boolean {
  const told = status.lines.find(({ keyword }) => keyword === "PLAINTEXT_LENGTH");
  return (
    status.count("DECRYPTION_OKAY") === 1 &&
    status.count("GOODMDC") === 1 &&
    status.count("PLAINTEXT") === 1 &&
    !status.says("DECRYPTION_FAILED", "BADMDC", "NODATA", "UNEXPECTED", "ERROR", "FAILURE", "TRUNCATED") &&
    (told === undefined || Number(told.rest) === length)
  );
}

function shapeError(shape: MessageShape, subject: DecryptionSubject, hints: DecryptionHints): SecretsError {
  if (shape === "plain") return plain(subject, hints);
  if (shape === "passphrase") return passphraseOnly(subject, hints);
  if (shape !== "unprotected") return damaged(subject, hints);
  return new IntegrityError(`${subject.file} is encrypted without integrity protection, so a change would not show`, {
    hint: "encrypt it anew with a present version of gpg",
  });
}
