import type { KeySource } from "../domain/key-source.js";
import { LockedError, quote } from "../errors.js";
import { parseIdentities, passphraseIdentity } from "./identities.js";
import type { AgeIdentity } from "./identities.js";
import { loadKeyText, passphraseVariable } from "./key-load.js";
import type { KeySurroundings, KeyText } from "./key-load.js";

/** Where the keys of a tree come from. */
export interface TreeKeys {
  /** What the store is called, for messages. */
  readonly store: string;
  /** Without one, only entries for a passphrase can be read. */
  readonly source: KeySource | undefined;
  readonly around: Omit<KeySurroundings, "missing" | "signal">;
}

/** What opens the entries of one call: each part is loaded when it is first needed, and once. */
export interface Unlocking {
  readonly identities: () => Promise<readonly AgeIdentity[]>;
  /** For entries that were encrypted with a passphrase. @throws LockedError when nobody can be asked */
  readonly passphrase: () => Promise<AgeIdentity>;
  /** The same, without asking anybody. */
  readonly passphraseAtHand: () => AgeIdentity | undefined;
}

/** The text of a tree's key. @throws as {@link loadKeyText} does */
export async function loadTreeKey(keys: TreeKeys, signal: AbortSignal | undefined): Promise<KeyText | undefined> {
  const missing = (file: string): LockedError =>
    new LockedError(`the key ${quote(file)} of the store ${quote(keys.store)} is missing`, {
      hint: "restore it from a backup, or make one with `age-keygen` and have somebody who can read the store encrypt it for that key too",
    });
  return keys.source === undefined ? undefined : loadKeyText(keys.source, { ...keys.around, missing, signal });
}

/** @param load - what {@link loadTreeKey} gives, possibly kept from an earlier call */
export function unlocking(keys: TreeKeys, load: () => Promise<KeyText | undefined>): Unlocking {
  let identities: Promise<readonly AgeIdentity[]> | undefined;
  let passphrase: Promise<AgeIdentity> | undefined;
  const passphraseAtHand = (): AgeIdentity | undefined => {
    const given = keys.around.environment[passphraseVariable];
    return given === undefined ? undefined : passphraseIdentity(given);
  };
  const ask = async (): Promise<AgeIdentity> => {
    const given = passphraseAtHand();
    if (given !== undefined) return given;
    const answer = await keys.around.askPassphrase?.(`passphrase of the entries of ${quote(keys.store)}`);
    if (answer !== undefined) return passphraseIdentity(answer);
    throw new LockedError(`entries of the store ${quote(keys.store)} are protected by a passphrase`, {
      hint: `set ${passphraseVariable}, or run it in a terminal`,
    });
  };
  return {
    identities: () =>
      (identities ??= load().then((key) => (key === undefined ? [] : parseIdentities(key.text, key.name)))),
    passphrase: () => (passphrase ??= ask()),
    passphraseAtHand,
  };
}
