import { IntegrityError, InvalidInputError, LockedError, quote, UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { unarmored } from "./armor.js";
import { listKeys } from "./keyring.js";
import { messageShape, parseFileRecipients } from "./openpgp.js";
import { runGpg } from "./program.js";
import type { GpgProgram } from "./program.js";
import { parseStatus } from "./status.js";
import type { GpgStatus } from "./status.js";

/** How and for what a plaintext is encrypted. */
export interface EncryptionCall {
  /** What it is, for messages, with user input quoted. */
  readonly subject: string;
  readonly armor?: boolean;
  /** Whether a key is used because it is named here, without anybody's signature on it. Give full fingerprints then. */
  readonly trustNamed?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Why gpg does not take a recipient (GnuPG's doc/DETAILS, `INV_RECP`). */
const reasons: Readonly<Record<string, string>> = {
  "1": "is not in this key ring",
  "2": "is ambiguous",
  "3": "is not meant for encryption",
  "4": "is revoked",
  "5": "is expired",
  "10": "is not trusted here",
  "13": "is disabled",
};

/**
 * Encrypts for these recipients and for no others, whatever `gpg.conf` adds or leaves out: the key ids in the result are
 * compared with the keys of the recipients.
 *
 * @param recipients - fingerprints, key ids or addresses, as gpg takes them; `!` after a subkey's id means that one
 * @throws LockedError when the public key of a recipient is missing, expired, revoked or not trusted, naming it
 * @throws UnavailableError `not_installed` when there is no gpg, else when gpg ended in an unknown way
 * @throws CancelledError
 */
export async function encryptWithGpg(
  gpg: GpgProgram,
  plaintext: Uint8Array,
  recipients: readonly string[],
  call: EncryptionCall,
): Promise<Uint8Array> {
  const wanted = [...new Set(recipients)];
  if (wanted.length === 0) throw new InvalidInputError(`${call.subject} cannot be encrypted for nobody`);
  const end = await runGpg(gpg, {
    argv: [
      "--no-encrypt-to",
      // A compressed length would tell something of the value.
      "--compress-algo",
      "none",
      ...(call.trustNamed === true ? ["--trust-model", "always"] : []),
      call.armor === true ? "--armor" : "--no-armor",
      "--output",
      "-",
      ...wanted.flatMap((recipient) => ["--recipient", recipient]),
      "--encrypt",
    ],
    input: plaintext,
    signal: call.signal,
    maximumOutputBytes: plaintext.length * 2 + 64 * 1024 + wanted.length * 4096,
  });
  const status = parseStatus(end.channel);
  if (end.exitCode !== 0 || !status.says("END_ENCRYPTION") || status.says("INV_RECP", "NO_RECP", "FAILURE")) {
    throw encryptionFailure(status, call.subject, end.exitCode);
  }
  await requireRecipients(gpg, end.stdout, wanted, call);
  return end.stdout;
}

function encryptionFailure(status: GpgStatus, subject: string, exitCode: number | undefined): SecretsError {
  const refused = status.lines.find(({ keyword }) => keyword === "INV_RECP");
  if (refused === undefined) {
    const end = exitCode === undefined ? "was ended by a signal" : `ended with exit code ${exitCode}`;
    return new UnavailableError(`gpg ${end} while it encrypted ${subject}`, {
      hint: "see `gpg --list-keys`, and try `gpg --encrypt` by hand with the same recipients",
    });
  }
  const [reason = "", ...name] = refused.rest.split(" ");
  const said = reasons[reason] ?? (status.says("KEYEXPIRED") ? "is expired" : "is missing here, expired or revoked");
  return new LockedError(`cannot encrypt ${subject}: the public key of ${quote(name.join(" "))} ${said}`, {
    hint: "without it that recipient could not read the value: import or renew the key, see `gpg --list-keys`",
  });
}

/** Options of `gpg.conf` can widen or narrow the recipients without a word on the status lines. */
async function requireRecipients(
  gpg: GpgProgram,
  ciphertext: Uint8Array,
  wanted: readonly string[],
  { subject, signal }: EncryptionCall,
): Promise<void> {
  const message = unarmored(ciphertext);
  const found = message === undefined ? undefined : parseFileRecipients(message);
  if (message === undefined || found?.kind !== "encrypted" || messageShape(message) !== "encrypted") {
    throw new IntegrityError(`gpg gave no whole encrypted message for ${subject}`, {
      hint: "see `gpg.conf` for options such as `symmetric`, `rfc2440` or `disable-mdc`",
    });
  }
  const keys = await listKeys(gpg, "--list-keys", wanted, signal);
  const ours = new Set(keys.map(({ keyId }) => keyId));
  const isExact = found.hidden || found.keyIds.every((keyId) => ours.has(keyId));
  if (isExact && found.keyIds.length <= wanted.length && found.keyIds.length > 0) return;
  throw new IntegrityError(`gpg encrypted ${subject} for others than its recipients`, {
    hint: "see `gpg.conf` for options such as `group` or `hidden-encrypt-to`",
  });
}
