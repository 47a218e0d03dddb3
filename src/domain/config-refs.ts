import { quote } from "../errors.js";
import { nameOf } from "./config-names.js";
import type { KnownNames } from "./config-names.js";
import { anyText, described, list, nonEmptyText, record, required, storePath } from "./fields.js";
import type { Field } from "./fields.js";
import { inside, note } from "./reader.js";
import type { Place } from "./reader.js";
import type { SecretRef } from "./ref.js";
import { span } from "./times.js";

/** One ref; its name is the key it stands under, and its path too when none is given. */
export function refField(known: KnownNames): Field<SecretRef> {
  const fields = {
    store: required(described("The store that holds the value.", nameOf("store", known.stores))),
    path: described("The path of the value inside the store. Default: the name.", storePath),
    policy: required(described("The policy that decides who may have it.", nameOf("policy", known.policies))),
    description: described("What it is, for people.", anyText),
    used_by: described("For people: which programs use it. `rm` refuses a name in use.", list(nonEmptyText)),
    rotate_every: described("How often it should change: `90d`, `12w`, `3m`, `1y`.", span),
    owner: described("Who answers for it.", nonEmptyText),
    rotation: described("What a change involves, such as `restart required`.", anyText),
  };
  return record(fields, (values, place) => {
    if (values.store === undefined || values.policy === undefined) return undefined;
    const name = String(place.key);
    return Object.freeze({
      name,
      store: values.store,
      path: values.path ?? name,
      policy: values.policy,
      ...(values.description === undefined ? {} : { description: values.description }),
      ...(values.used_by === undefined ? {} : { usedBy: values.used_by }),
      ...(values.rotate_every === undefined ? {} : { rotateEveryDays: values.rotate_every }),
      ...(values.owner === undefined ? {} : { owner: values.owner }),
      ...(values.rotation === undefined ? {} : { rotation: values.rotation }),
    });
  });
}

/**
 * Notes every ref whose value another ref gives away under another policy: the looser of the two would decide for both.
 *
 * @param place - of all refs
 */
export function noteAliases(refs: ReadonlyMap<string, SecretRef>, place: Place): void {
  const firsts = new Map<string, SecretRef>();
  for (const ref of refs.values()) {
    const location = `${ref.store}\n${ref.path}`;
    const first = firsts.get(location);
    if (first === undefined) firsts.set(location, ref);
    else if (first.policy !== ref.policy) {
      const held = `${quote(first.name)} has this one in store ${quote(ref.store)}`;
      const message = `expected another path: ${held} under policy ${quote(first.policy)}, not ${quote(ref.policy)}`;
      note(inside(inside(place, ref.name), "path"), message);
    }
  }
}
