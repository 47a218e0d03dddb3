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

/** A public key with its subkeys and users. */
export interface KeyBlock {
  /** Of the primary key and of the subkeys, 40 hex digits or more each. */
  readonly fingerprints: readonly string[];
  readonly users: readonly string[];
}

/** Public keys by the names one may give them by. @throws UnavailableError when gpg cannot be run */
export async function listKeyBlocks(
  gpg: GpgProgram,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly KeyBlock[]> {
  const end = await runGpg(gpg, {
    argv: ["--with-colons", "--with-subkey-fingerprint", "--list-keys", "--", ...ids],
    signal,
  });
  return parseKeyBlocks(end.stdout.toString("utf8"));
}

/** Parses `--with-colons` (GnuPG's doc/DETAILS): a block begins with `pub`; field 10 of `fpr` and `uid`. */
export function parseKeyBlocks(text: string): readonly KeyBlock[] {
  const blocks: { fingerprints: string[]; users: string[] }[] = [];
  for (const line of text.split("\n")) {
    const [record, , , , , , , , , field = ""] = line.split(":");
    if (record === "pub") blocks.push({ fingerprints: [], users: [] });
    else if (record === "fpr") blocks.at(-1)?.fingerprints.push(field);
    else if (record === "uid") blocks.at(-1)?.users.push(field);
  }
  return blocks;
}

/** Whether gpg may mean this key by an id of a `.gpg-id`: the end of a fingerprint, or a part of a user's name. */
export function isMeant({ fingerprints, users }: KeyBlock, id: string): boolean {
  const hex = /^(?:0x)?([0-9A-F]{8,40})!?$/i.exec(id)?.[1]?.toUpperCase();
  if (hex !== undefined) return fingerprints.some((fingerprint) => fingerprint.endsWith(hex));
  const wanted = id.replace(/^[=<@*+]|>$/g, "").toLowerCase();
  return users.some((user) => user.toLowerCase().includes(wanted));
}
