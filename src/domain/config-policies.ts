import { actions } from "./policy.js";
import type { Action, SecretPolicy } from "./policy.js";
import { assurances } from "./identity.js";
import { described, flag, identifier, list, nonEmptyText, oneOf, record, required } from "./fields.js";
import type { Field } from "./fields.js";
import { endTime } from "./times.js";

const readOnly: readonly Action[] = Object.freeze(["read"] as const);
const words = list(nonEmptyText);

/** The keys of a policy. A condition that is not in this table is a fault: it must never be passed over. */
const policyFields = {
  allowed_principals: required(described("The principals that may. None: nobody may.", list(identifier))),
  denied_principals: described("The principals that may not, whatever else is said.", list(identifier)),
  environments: described("Only in these environments. Default: any.", words),
  machines: described("Only on these machines (unqualified host names). Default: any.", words),
  apps: described("Only for these applications. Default: any.", words),
  substrates: described("Only on these substrates, such as `docker-container`. Default: any.", words),
  actions: described("What may be done. Default: [read].", list(oneOf(actions))),
  expires: described("The last day (UTC), or the RFC 3339 moment from which nothing is allowed.", endTime),
  min_assurance: described("How far the identity must be proved. Default: claimed.", oneOf(assurances)),
  require_reason: described("Whether a reason must be given. Default: false.", flag),
};

/** One policy; its name is the key it stands under. */
export const policyField: Field<SecretPolicy> = record(policyFields, (values, place) => {
  if (values.allowed_principals === undefined) return undefined;
  return Object.freeze({
    name: String(place.key),
    allowedPrincipals: values.allowed_principals,
    deniedPrincipals: values.denied_principals ?? [],
    actions: values.actions ?? readOnly,
    ...(values.environments === undefined ? {} : { environments: values.environments }),
    ...(values.machines === undefined ? {} : { machines: values.machines }),
    ...(values.apps === undefined ? {} : { apps: values.apps }),
    ...(values.substrates === undefined ? {} : { substrates: values.substrates }),
    ...(values.expires === undefined ? {} : { expires: values.expires }),
    ...(values.min_assurance === undefined ? {} : { minAssurance: values.min_assurance }),
    ...(values.require_reason === undefined ? {} : { requireReason: values.require_reason }),
  });
});
