import type { OptionTable } from "../../src/domain/store.js";
import { ageRecipient } from "./kinds.js";

/** The option tables that the example of the documentation needs. */
export const exampleKinds: ReadonlyMap<string, OptionTable> = new Map<string, OptionTable>([
  ["sealed", { path: { type: "file", description: "the file" }, key: { type: "key", description: "the key" } }],
  ["gopass", { root: { type: "string", description: "the folder" } }],
  ["env", {}],
  [
    "vault",
    {
      address: { type: "string", required: true, description: "the server", needsTrust: "sends secrets to an address" },
      mount: { type: "string", description: "the mount" },
      root: { type: "string", description: "the folder" },
    },
  ],
  ["chain", { stores: { type: "stores", required: true, description: "the members" } }],
]);

/** A configuration that uses every key. */
export const exampleText = `version: 1
stores:
  local:    { backend: sealed, path: secrets.enc }
  red:      { backend: gopass, root: mxm/red }
  override: { backend: env }
  prod:     { backend: vault, address: "\${VAULT_ADDR}", mount: secret, root: machina }
  layered:  { backend: chain, stores: [override, red, local] }
refs:
  databento_api_key:
    store: red
    path: marketdata/databento/api_key
    policy: marketdata_access
    description: Databento historical API
    used_by: [marketdata loader]
    rotate_every: 90d
    owner: marketdata team
    rotation: restart required
policies:
  default: { allowed_principals: [developer], denied_principals: [guest] }
  marketdata_access:
    allowed_principals: [marketdata, research]
    environments: [dev, prod]
    machines: [monolith]
    apps: [loader]
    substrates: [local-process]
    actions: [read]
    min_assurance: attested
    require_reason: true
  break_glass: { allowed_principals: [human_admin], expires: 2027-01-31 }
principals:
  - { role: loader, machine: monolith, principal: marketdata }
keyholders:
  monolith: { age: ${ageRecipient}, principals: [marketdata, execution] }
  bridge:   { age: ${ageRecipient}, gpg: ${"0A".repeat(20)}, principals: [human_admin], write: true }
audit: { path: audit.jsonl, required: true }
defaults: { store: local, policy: default }
identity: { environment: dev, role: developer }
profiles: { staging: { stores: { prod: { root: machina-staging } } } }
`;
