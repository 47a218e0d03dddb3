import { AbsentError, InvalidInputError, quote } from "../errors.js";
import { unwrapCompartment } from "./compartments.js";
import { replaceSorted, secretKey } from "./edit.js";
import { sealedPathFault } from "./grammar.js";
import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import { resealRecord } from "./rotate.js";
import { updateStore } from "./update.js";

/**
 * Moves a value to another path in one write. It stays in its compartment and keeps its version and date.
 *
 * @throws AbsentError when there is no value at `from`
 * @throws InvalidInputError when there is one at `to`, or `to` is no path of a sealed store
 */
export async function renameValue(
  place: StorePlace,
  identities: readonly Identity[],
  from: string,
  to: string,
): Promise<void> {
  const fault = sealedPathFault(to);
  if (fault !== undefined) throw new InvalidInputError(`${quote(to)} is not a path of a sealed store: ${fault}`);
  await updateStore(place, identities, async (contents) => {
    const record = contents.secrets.find((each) => each.path === from);
    if (record === undefined) throw new AbsentError(`there is no value at ${quote(from)}`);
    if (contents.secrets.some((each) => each.path === to)) {
      throw new InvalidInputError(`there is a value at ${quote(to)} already`, { hint: "remove it first" });
    }
    const key = await unwrapCompartment(contents, record.policy, identities);
    const moved = resealRecord(contents.storeId, record, key, key, { path: to, policy: record.policy });
    const others = contents.secrets.filter((each) => each !== record);
    return { contents: { ...contents, secrets: replaceSorted(others, [moved], secretKey) }, result: undefined };
  });
}
