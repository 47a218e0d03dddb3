import { loadKeyText as loadText } from "../age/key-load.js";
import type { KeySurroundings as Surroundings, KeyText } from "../age/key-load.js";
import type { KeySource } from "../domain/key-source.js";
import { LockedError, quote } from "../errors.js";
import { parseIdentityFile } from "./identity-file.js";
import type { Identity } from "./identity.js";

/** What loading the key of a sealed store may know of its surroundings. */
export interface KeySurroundings extends Omit<Surroundings, "missing"> {
  /** The store file, for messages. */
  readonly storeFile: string;
}

/**
 * The identities of a key source.
 *
 * @throws LockedError when there is no usable key, each cause in its own words
 * @throws UnavailableError when the file cannot be read or the command cannot be run
 */
export async function loadIdentities(source: KeySource, around: KeySurroundings): Promise<readonly Identity[]> {
  const { text, name } = await loadKeyText(source, around);
  return parseIdentityFile(text, name);
}

/** The text of a key source, not looked into. @throws as {@link loadIdentities} does */
export async function loadKeyText(source: KeySource, around: KeySurroundings): Promise<KeyText> {
  return loadText(source, { ...around, missing: (file) => missing(file, around.storeFile) });
}

function missing(file: string, storeFile: string): LockedError {
  return new LockedError(`the key ${quote(file)} of the sealed store ${quote(storeFile)} is missing`, {
    hint: "restore it from a backup, or ask a writer who can read the store to add your new key with `mxm-secrets keys add`; when every key is lost, the values must be entered again in a new store",
  });
}
