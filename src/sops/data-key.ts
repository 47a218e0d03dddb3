import { CancelledError, gravest, isSecretsError, LockedError, quote, UnsupportedError } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { keyName, keyNames } from "./metadata.js";
import type { KeyGroup, MasterKey, SopsMetadata } from "./metadata.js";
import { combineShares, splitSecret } from "./shamir.js";

/** A key that this program can use. */
export type LocalKey = Exclude<MasterKey, { readonly kind: "cloud" }>;

/** Opens what one key holds. @throws LockedError, UnavailableError, IntegrityError when it cannot */
export type KeyOpener = (key: LocalKey) => Promise<Uint8Array>;

/** Encrypts the data key, or a part of it, to one key: the text for `enc`. */
export type KeySealer = (key: LocalKey, part: Uint8Array) => Promise<string>;

/** The order in which the keys of a group are tried, as in SOPS. */
const order: readonly LocalKey["kind"][] = ["age", "pgp"];
const shownKeys = 5;

/**
 * The data key of a file: what one key of its group holds, or what is put together from the parts of as many groups as
 * are needed.
 *
 * @param file - its name, for errors
 * @throws UnsupportedError when only services outside this program hold what is needed, naming them
 * @throws LockedError when no key here opens it; IntegrityError when what a key holds is damaged
 * @throws UnavailableError when gpg, which would have to, is not installed or fails
 */
export async function recoverDataKey(metadata: SopsMetadata, open: KeyOpener, file: string): Promise<Uint8Array> {
  const { groups, threshold } = metadata;
  const usable = groups.filter((group) => group.some(isLocal)).length;
  if (usable < threshold) throw onlyServices(metadata, file);
  const parts: Uint8Array[] = [];
  const failures: AnySecretsError[] = [];
  for (const group of groups) {
    if (parts.length === threshold) break;
    const part = await openGroup(group, open, failures);
    if (part !== undefined) parts.push(part);
  }
  const [only] = parts;
  if (parts.length < threshold || only === undefined) throw notOpened(metadata, file, parts.length, failures);
  return groups.length === 1 ? only : combineShares(parts);
}

/**
 * Encrypts a data key to the keys of a new file.
 *
 * @param groups - whose `encrypted` counts for nothing yet
 * @returns the groups with it
 * @throws what the sealer throws, when a key cannot be encrypted to
 */
export async function sealDataKey(
  groups: SopsMetadata["groups"],
  threshold: number,
  dataKey: Uint8Array,
  seal: KeySealer,
): Promise<SopsMetadata["groups"]> {
  const parts = groups.length === 1 ? [dataKey] : splitSecret(dataKey, groups.length, threshold);
  const sealed: KeyGroup[] = [];
  for (const [index, group] of groups.entries()) {
    const part = parts[index];
    if (part === undefined) throw new RangeError("expected a part for each group");
    const keys: MasterKey[] = [];
    for (const key of group) keys.push(isLocal(key) ? { ...key, encrypted: await seal(key, part) } : key);
    sealed.push(keys);
  }
  const [first = [], ...rest] = sealed;
  return [first, ...rest];
}

async function openGroup(
  group: KeyGroup,
  open: KeyOpener,
  failures: AnySecretsError[],
): Promise<Uint8Array | undefined> {
  for (const kind of order) {
    for (const key of group) {
      if (!isLocal(key) || key.kind !== kind) continue;
      try {
        return await open(key);
      } catch (error) {
        // Another key may still open it.
        if (!isSecretsError(error) || error instanceof CancelledError) throw error;
        failures.push(error);
      }
    }
  }
  return undefined;
}

function isLocal(key: MasterKey): key is LocalKey {
  return key.kind !== "cloud";
}

function onlyServices(metadata: SopsMetadata, file: string): UnsupportedError {
  const services = metadata.groups.flat().filter((key) => !isLocal(key));
  return new UnsupportedError(
    `${quote(file)} is encrypted for services that are not supported: ${listed(services.map(keyName))}`,
    {
      hint: "add an age or PGP key with `sops updatekeys` or `sops rotate --add-age`, or read the file with `sops` itself",
    },
  );
}

function notOpened(
  metadata: SopsMetadata,
  file: string,
  opened: number,
  failures: readonly AnySecretsError[],
): AnySecretsError {
  const worst = gravest(failures);
  if (worst !== undefined && (worst.code !== "locked" || failures.length === 1) && metadata.groups.length === 1)
    return worst;
  const needed =
    metadata.groups.length === 1 ? "" : ` (${opened} of the ${metadata.threshold} groups that are needed opened)`;
  return new LockedError(`no key here opens ${quote(file)}${needed}: it is for ${listed(keyNames(metadata))}`, {
    hint: worst?.hint ?? "have somebody who can read it add your key to `.sops.yaml` and run `sops updatekeys`",
    cause: worst,
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownKeys).map(quote).join(", ");
  return names.length > shownKeys ? `${shown} and ${names.length - shownKeys} more` : shown;
}
