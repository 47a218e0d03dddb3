import { LockedError, quote, UnavailableError } from "../errors.js";
import { listKeys, listSecretKeys } from "../gpg/keyring.js";
import type { GpgProgram } from "../gpg/program.js";
import type { GopassProgram } from "./client.js";
import { folderRecipients } from "./recipients.js";
import type { EntryLocation, FolderRecipients } from "./recipients.js";

/** The gpg that gopass uses, with its environment. */
export function gpgOf(gopass: GopassProgram): GpgProgram {
  return { program: gopass.environment["GOPASS_GPG_BINARY"] ?? "gpg", environment: gopass.environment };
}

/**
 * Refuses a write that gopass would make for other readers than the folder's. Gopass adds the writer's own key when it
 * is no recipient, and leaves out a recipient whose public key is missing, expired or not trusted; it ends with 0 both
 * times.
 *
 * @throws LockedError
 * @throws UnavailableError when no `.gpg-id` says who the folder's recipients are
 */
export async function requireExactRecipients(
  gopass: GopassProgram,
  entry: string,
  location: EntryLocation | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const recipients = location === undefined ? undefined : folderRecipients(location);
  if (recipients === undefined || recipients.ids.length === 0) {
    throw new UnavailableError(`cannot write ${quote(entry)}: no \`.gpg-id\` says who may read it`, {
      hint: "only gopass stores encrypted with gpg are written; see `gopass config mounts.path` and `gopass recipients`",
    });
  }
  if ((await listSecretKeys(gpgOf(gopass), recipients.ids, signal)).size === 0) {
    throw new LockedError(
      `cannot write ${quote(entry)}: no key of this machine is a recipient of ${place(recipients)}`,
      {
        hint: "write from a machine that is one, or have its holder add this machine's key: `gopass recipients add`",
      },
    );
  }
  const listed = await listKeys(gpgOf(gopass), "--list-keys", recipients.ids, signal);
  const usable = listed.filter(({ primary, validity }) => primary && /^[umf]$/.test(validity));
  if (usable.length >= new Set(recipients.ids).size) return;
  const missing = recipients.ids.find(
    (id) => /^(?:0x)?[0-9A-F]{16,40}$/i.test(id) && !usable.some(({ keyId }) => id.toUpperCase().endsWith(keyId)),
  );
  throw new LockedError(
    `cannot write ${quote(entry)}: the public key of ${missing === undefined ? "a recipient" : quote(missing)} of ${place(recipients)} is missing here, expired or not trusted`,
    { hint: "without it that recipient could not read the value: import it (`gopass sync`), see `gpg --list-keys`" },
  );
}

function place({ folder }: FolderRecipients): string {
  return folder === "" ? "the store" : `the folder ${quote(folder)}`;
}
