import { described, flag, identifier, list, nonEmptyText, record, required, text } from "./fields.js";
import type { Field } from "./fields.js";
import { note } from "./reader.js";
import { identityFields } from "./identity.js";
import type { IdentityField, RuntimeIdentity } from "./identity.js";
import type { Keyholder } from "./keyholder.js";
import type { PrincipalRule } from "./principal.js";

const identityKeys = {
  role: described("The role, such as `loader`.", nonEmptyText),
  environment: described("The environment, such as `prod`.", nonEmptyText),
  machine: described("The unqualified host name.", nonEmptyText),
  app: described("The application.", nonEmptyText),
  substrate: described("What it runs in, such as `docker-container`.", nonEmptyText),
};

/** The identity of the command line when neither a flag nor a variable gives one. */
export const identityField: Field<Partial<RuntimeIdentity>> = record(identityKeys, given);

/** The ordered rules that give an identity its principal; a rule without a condition matches every identity. */
export const principalsField: Field<readonly PrincipalRule[]> = list(
  record(
    { ...identityKeys, principal: required(described("The principal it acts as.", identifier)) },
    ({ principal, ...match }) => (principal === undefined ? undefined : { principal, match: given(match) }),
  ),
);

const ageRecipient = text(
  (value) => (/^age1(?:pq1)?[02-9ac-hj-np-z]{58,4096}$/.test(value) ? undefined : "expected an age recipient, `age1…`"),
  { pattern: "^age1(pq1)?[02-9ac-hj-np-z]{58,4096}$" },
);
const gpgFingerprint = text(
  (value) =>
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)
      ? undefined
      : "expected a whole GPG fingerprint, 40 or 64 hex digits",
  { pattern: "^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$" },
);

const keyholderFields = {
  age: described("Its age recipient, `age1…`.", ageRecipient),
  gpg: described("Its whole GPG fingerprint.", gpgFingerprint),
  principals: required(described("The principals it may act as.", list(identifier))),
  write: described("Whether it may sign changes to sealed stores. Default: false.", flag),
};

/** One keyholder; its name is the key it stands under. */
export const keyholderField: Field<Keyholder> = record(keyholderFields, (values, place) => {
  const { age, gpg, principals, write = false } = values;
  if (!("age" in values) && !("gpg" in values))
    return note(place, "expected a key: `age: age1…`, `gpg: FINGERPRINT` or both");
  if (principals === undefined) return undefined;
  return {
    name: String(place.key),
    ...(age === undefined ? {} : { age }),
    ...(gpg === undefined ? {} : { gpg }),
    principals,
    write,
  };
});

/** Only the fields that are there, as the domain's types want it. */
function given(values: Readonly<Partial<Record<IdentityField, string | undefined>>>): Partial<RuntimeIdentity> {
  const found: Partial<Record<IdentityField, string>> = {};
  for (const field of identityFields) {
    const value = values[field];
    if (value !== undefined) found[field] = value;
  }
  return found;
}
