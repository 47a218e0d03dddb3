import type { Keyholder } from "../domain/keyholder.js";
import { removeValue, setValue } from "./edit.js";
import type { NewValue } from "./edit.js";
import type { Identity } from "./identity.js";
import type { NamedRecipient } from "./compartments.js";
import type { StorePlace } from "./pins.js";
import { updateStore } from "./update.js";

interface WriteCall {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores one value durably.
 *
 * @param keyholders - who else receives the key of a compartment that this makes; those without an age key are left out
 */
export async function writeValue(
  place: StorePlace,
  identities: readonly Identity[],
  value: NewValue,
  keyholders: readonly Keyholder[] | undefined,
  call: WriteCall = {},
): Promise<void> {
  await updateStore(
    place,
    identities,
    async (contents, author) => {
      const self = { name: author.name, recipient: author.identity.recipient };
      const recipients = [self, ...namedRecipients(keyholders)];
      return { contents: await setValue(contents, value, identities, recipients), result: undefined };
    },
    call,
  );
}

/** Removes one value durably. @returns `false`, and writes nothing, when there is none */
export async function deleteValue(
  place: StorePlace,
  identities: readonly Identity[],
  path: string,
  call: WriteCall = {},
): Promise<boolean> {
  return updateStore(
    place,
    identities,
    (contents) => {
      const changed = removeValue(contents, path);
      return { contents: changed, result: changed !== undefined };
    },
    call,
  );
}

/** The keyholders that an age key can be wrapped to. */
function namedRecipients(keyholders: readonly Keyholder[] | undefined): readonly NamedRecipient[] {
  return (keyholders ?? []).flatMap(({ name, age }) => (age === undefined ? [] : [{ name, recipient: age }]));
}
