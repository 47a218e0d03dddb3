import { LockedError, quote, UnavailableError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { GopassProgram } from "./client.js";
import { folderRecipients } from "./recipients.js";
import type { EntryLocation, FolderRecipients } from "./recipients.js";

/** What gpg says of a key: its 16 hex digits, whether it is a primary key, and its computed validity (one letter). */
interface ListedKey {
  readonly keyId: string;
  readonly primary: boolean;
  readonly validity: string;
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
  if ((await listSecretKeys(gopass, recipients.ids, signal)).size === 0) {
    throw new LockedError(
      `cannot write ${quote(entry)}: no key of this machine is a recipient of ${place(recipients)}`,
      {
        hint: "write from a machine that is one, or have its holder add this machine's key: `gopass recipients add`",
      },
    );
  }
  const listed = await listKeys(gopass, "--list-keys", recipients.ids, signal);
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

/**
 * The key ids (16 hex digits, primary and sub keys) of the secret keys gpg holds here, of all or of the given users.
 * Stubs without their secret part are left out.
 *
 * @throws UnavailableError when gpg cannot be run
 */
export async function listSecretKeys(
  gopass: GopassProgram,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const keys = await listKeys(gopass, "--list-secret-keys", ids, signal);
  return new Set(keys.map(({ keyId }) => keyId));
}

/** Parses `--with-colons` (GnuPG's doc/DETAILS): field 2 validity, 5 key id, 15 `#` for a stub. */
async function listKeys(
  gopass: GopassProgram,
  command: "--list-keys" | "--list-secret-keys",
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly ListedKey[]> {
  const gpg = gopass.environment["GOPASS_GPG_BINARY"] ?? "gpg";
  const end = await runProgram({
    argv: [gpg, "--batch", "--with-colons", command, "--", ...ids],
    environment: gopass.environment,
    signal,
    timeoutMilliseconds: 60_000,
    maximumOutputBytes: 16 * 1024 * 1024,
  });
  return end.stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([record = "", , , , , , , , , , , , , , token]) => /^(?:pub|sub|sec|ssb)$/.test(record) && token !== "#")
    .map(([record = "", validity = "", , , keyId = ""]) => ({
      keyId,
      primary: /^(?:pub|sec)$/.test(record),
      validity,
    }));
}

function place({ folder }: FolderRecipients): string {
  return folder === "" ? "the store" : `the folder ${quote(folder)}`;
}
