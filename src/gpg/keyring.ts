import { runGpg } from "./program.js";
import type { GpgProgram } from "./program.js";

/** What gpg says of a key: its 16 hex digits, whether it is a primary key, and its computed validity (one letter). */
export interface ListedKey {
  readonly keyId: string;
  readonly primary: boolean;
  readonly validity: string;
}

/**
 * The key ids (16 hex digits, primary and sub keys) of the secret keys gpg holds here, of all or of the given users.
 * Stubs without their secret part are left out.
 *
 * @throws UnavailableError when gpg cannot be run
 */
export async function listSecretKeys(
  gpg: GpgProgram,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const keys = await listKeys(gpg, "--list-secret-keys", ids, signal);
  return new Set(keys.map(({ keyId }) => keyId));
}

/** The keys of the given users, of all without any; those of users gpg does not know are left out. */
export async function listKeys(
  gpg: GpgProgram,
  command: "--list-keys" | "--list-secret-keys",
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly ListedKey[]> {
  const end = await runGpg(gpg, { argv: ["--with-colons", command, "--", ...ids], signal });
  return parseKeys(end.stdout.toString("utf8"));
}

/** Parses `--with-colons` (GnuPG's doc/DETAILS): field 2 validity, 5 key id, 15 `#` for a stub. */
export function parseKeys(text: string): readonly ListedKey[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([record = "", , , , , , , , , , , , , , token]) => /^(?:pub|sub|sec|ssb)$/.test(record) && token !== "#")
    .map(([record = "", validity = "", , , keyId = ""]) => ({
      keyId,
      primary: /^(?:pub|sec)$/.test(record),
      validity,
    }));
}
