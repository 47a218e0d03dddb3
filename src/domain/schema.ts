import { configFields } from "./config.js";
import { schemaOfFields } from "./fields.js";
import type { JsonSchema } from "./fields.js";
import type { OptionTable } from "./store.js";

/**
 * The JSON Schema (draft 2020-12) of `mxm-secrets.yaml`, made from the same tables that check it. What only the checker
 * knows (that a store exists, that a chain is no circle) is not in it.
 *
 * @param kinds - the kinds of store there are; a new one appears here by being in the registry
 */
export function configSchema(kinds: ReadonlyMap<string, OptionTable>): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "mxm-secrets configuration",
    ...schemaOfFields(configFields(kinds, { stores: new Set(), policies: new Set() })),
  };
}
