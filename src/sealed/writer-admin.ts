import { InvalidInputError, quote } from "../errors.js";
import { forms } from "./grammar.js";
import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import { requireName } from "./recipients.js";
import { updateStore } from "./update.js";
import { appendWriterEvent, replayWriters } from "./writers.js";

/**
 * Lets a key sign changes.
 *
 * @param writer.key - an Ed25519 public key, base64, as `keys public` prints it
 * @returns `false`, and writes nothing, when it may already
 * @throws InvalidInputError when the key or the name is malformed
 */
export async function addWriter(
  place: StorePlace,
  identities: readonly Identity[],
  writer: { readonly name: string; readonly key: string },
): Promise<boolean> {
  requireName(writer.name);
  if (!forms.publicKey.accepts(writer.key)) {
    throw new InvalidInputError(`${quote(writer.key)} is not a writer's key: ${forms.publicKey.expectation}`);
  }
  return updateStore(place, identities, (contents, author) => {
    if (replayWriters(contents, contents.writers.length).has(writer.key)) return { contents: undefined, result: false };
    const writers = appendWriterEvent(contents, { action: "add", ...writer }, author.key);
    return { contents: { ...contents, writers }, result: true };
  });
}

/**
 * Takes the right to sign changes from a writer.
 *
 * @param writer - its public key, or its name
 * @returns how many keys lost the right; nothing is written when there is none
 * @throws InvalidInputError when nobody would be left, or when the author would remove itself and sign that
 */
export async function removeWriter(
  place: StorePlace,
  identities: readonly Identity[],
  writer: string,
): Promise<number> {
  return updateStore(place, identities, (contents, author) => {
    const current = [...replayWriters(contents, contents.writers.length)];
    const drops = current.filter(([key, name]) => key === writer || name === writer);
    if (drops.some(([key]) => key === author.key.publicKey)) {
      throw new InvalidInputError(`${quote(author.name)} cannot remove itself`, {
        hint: "a file must be signed by one of its writers: let another writer remove this one",
      });
    }
    let { writers } = contents;
    for (const [key, name] of drops) {
      writers = appendWriterEvent({ ...contents, writers }, { action: "remove", key, name }, author.key);
    }
    return { contents: drops.length === 0 ? undefined : { ...contents, writers }, result: drops.length };
  });
}
