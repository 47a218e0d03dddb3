import type { Problem } from "../errors.js";
import { entryName, keyholderName, nameOf } from "./config-names.js";
import type { KnownNames } from "./config-names.js";
import { identityField, keyholderField, principalsField } from "./config-people.js";
import { policyField } from "./config-policies.js";
import { noteAliases, refField } from "./config-refs.js";
import { noteCycles, storeField } from "./config-stores.js";
import { described, flag, list, named, nonEmptyText, readFields, record, required, text } from "./fields.js";
import type { Field } from "./fields.js";
import { globFault } from "./glob.js";
import type { RuntimeIdentity } from "./identity.js";
import type { Keyholder } from "./keyholder.js";
import type { SecretPolicy } from "./policy.js";
import type { PrincipalRule } from "./principal.js";
import { profilesField } from "./profiles.js";
import { inside, note, rootPlace } from "./reader.js";
import type { SecretRef } from "./ref.js";
import type { OptionTable, SecretStore } from "./store.js";

/** The access log. `required`: a read whose record cannot be written does not happen. */
export interface AuditConfig {
  readonly path: string;
  readonly required: boolean;
}

/** A whole configuration, checked. Immutable plain data; holds no secret. */
export interface SecretsConfig {
  readonly stores: ReadonlyMap<string, SecretStore>;
  readonly refs: ReadonlyMap<string, SecretRef>;
  readonly policies: ReadonlyMap<string, SecretPolicy>;
  /** Ordered mapping rules; absent: the principal is the role. */
  readonly principals?: readonly PrincipalRule[];
  readonly keyholders?: readonly Keyholder[];
  readonly audit?: AuditConfig;
  /** For `set` of a new name. */
  readonly defaults: { readonly store?: string; readonly policy?: string };
  /** For the command line only. */
  readonly identity: Partial<RuntimeIdentity>;
  /** Patterns of files, relative to the configuration, that refer to secrets; beside those every project has. */
  readonly templates?: readonly string[];
}

/**
 * Checks configuration data of any origin and shape, and finds every problem at once. Never throws; keeps nothing of the
 * data that could change later. Keys of the environment or of files are not looked at here.
 *
 * @param data - what a YAML or JSON reader returns; only `stores`, `refs` and `policies` are required
 * @param kinds - the kinds of store there are, each with its options
 * @returns the configuration, usable only when `problems` is empty
 */
export function parseConfigData(
  data: unknown,
  kinds: ReadonlyMap<string, OptionTable>,
): { readonly config: SecretsConfig; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const root = rootPlace(problems);
  const known = { stores: namesIn(data, "stores"), policies: namesIn(data, "policies") };
  const values = readFields(configFields(kinds, known), data, root);
  const stores = values?.stores ?? new Map<string, SecretStore>();
  noteCycles(stores, kinds, inside(root, "stores"));
  const refs = values?.refs ?? new Map<string, SecretRef>();
  noteAliases(refs, inside(root, "refs"));
  const config = {
    stores,
    refs,
    policies: values?.policies ?? new Map<string, SecretPolicy>(),
    defaults: values?.defaults ?? {},
    identity: values?.identity ?? {},
    ...(values?.principals === undefined ? {} : { principals: values.principals }),
    ...(values?.keyholders === undefined ? {} : { keyholders: [...values.keyholders.values()] }),
    ...(values?.audit === undefined ? {} : { audit: values.audit }),
    ...(values?.templates === undefined ? {} : { templates: values.templates }),
  };
  return { config, problems };
}

/** The keys of the configuration. Their order is the order of the documentation. */
export function configFields(kinds: ReadonlyMap<string, OptionTable>, known: KnownNames) {
  return {
    version: described("The version of this format: 1.", version),
    stores: required(described("Where values are kept, by name.", named(entryName, storeField(kinds, known)))),
    refs: required(described("The public names of secrets.", named(entryName, refField(known)))),
    policies: required(described("Who may do what, by name.", named(entryName, policyField))),
    principals: described("Ordered rules; the first that matches gives the principal.", principalsField),
    keyholders: described("Who holds which key, and may act as whom.", named(keyholderName, keyholderField)),
    audit: described("The access log.", audit),
    defaults: described("For `set` of a new name.", defaultsField(known)),
    identity: described("The identity of the command line.", identityField),
    templates: described(
      "Files with `${{ secrets.NAME }}` in them, relative to this file: `deploy/**/*.yaml`.",
      templates,
    ),
    profiles: described("Changes to be laid over by `--profile NAME`.", profilesField),
  };
}

const version: Field<1> = {
  schema: { const: 1 },
  read: (value, place) => (value === 1 ? 1 : note(place, "expected version 1")),
};

const templates: Field<readonly string[]> = list(text(globFault, { minLength: 1, maxLength: 512 }));

const audit: Field<AuditConfig> = record(
  {
    path: required(described("The file, relative to the configuration.", nonEmptyText)),
    required: described("Whether a read whose record cannot be written is refused. Default: true.", flag),
  },
  (values) => (values.path === undefined ? undefined : { path: values.path, required: values.required ?? true }),
);

function defaultsField(known: KnownNames): Field<SecretsConfig["defaults"]> {
  const fields = { store: nameOf("store", known.stores), policy: nameOf("policy", known.policies) };
  return record(fields, ({ store, policy }) => ({
    ...(store === undefined ? {} : { store }),
    ...(policy === undefined ? {} : { policy }),
  }));
}

/** The keys of one of the top mappings; what is wrong with it is noted when it is read. */
function namesIn(data: unknown, key: string): ReadonlySet<string> {
  const entry = typeof data === "object" && data !== null ? Object.getOwnPropertyDescriptor(data, key) : undefined;
  const value: unknown = entry?.value;
  return new Set(typeof value === "object" && value !== null ? Object.keys(value) : []);
}
