import { removeValue, setValue } from "./edit.js";
import type { NewValue } from "./edit.js";
import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import { updateStore } from "./update.js";

interface WriteCall {
  readonly signal?: AbortSignal | undefined;
}

/** What a write did besides storing the value. */
export interface Written {
  /** Whether there was no compartment for the policy, so that one was made with the author as its only recipient. */
  readonly made: boolean;
  /** The compartment the value was in before, when that was another. */
  readonly movedFrom: string | undefined;
  readonly author: string;
  /** The names of the compartment's recipients other than the author. */
  readonly others: readonly string[];
}

/** Stores one value durably. A compartment that it makes has one recipient, the author: others are let in on purpose. */
export async function writeValue(
  place: StorePlace,
  identities: readonly Identity[],
  value: NewValue,
  call: WriteCall = {},
): Promise<Written> {
  return updateStore(
    place,
    identities,
    async (contents, author) => {
      const self = { name: author.name, recipient: author.identity.recipient };
      const { path, policy } = value;
      const before = contents.secrets.find((record) => record.path === path)?.policy;
      const recipients = contents.recipients.filter((record) => record.policy === policy);
      const result = {
        made: !contents.compartments.some((record) => record.policy === policy),
        movedFrom: before === policy ? undefined : before,
        author: self.recipient,
        others: recipients.filter(({ recipient }) => recipient !== self.recipient).map(({ name }) => name),
      };
      return { contents: await setValue(contents, value, identities, self), result };
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
