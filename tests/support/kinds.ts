import type { OptionTable } from "../../src/domain/store.js";

/** A small table of store kinds with one option of every type, so that these tests depend on no real backend. */
export const kinds: ReadonlyMap<string, OptionTable> = new Map<string, OptionTable>([
  ["plain", { root: { type: "string", description: "a prefix" } }],
  [
    "chain",
    {
      stores: { type: "stores", required: true, description: "the members" },
      write_to: { type: "store", description: "takes writes" },
    },
  ],
  [
    "full",
    {
      path: { type: "file", required: true, description: "a file" },
      text: { type: "string", description: "a text" },
      newline: { type: "string", words: ["auto", "keep"], description: "one of two words" },
      strict: { type: "boolean", description: "a switch" },
      limit: { type: "number", description: "a number" },
      words: { type: "strings", description: "a list" },
      key: { type: "key", description: "a key" },
      run: { type: "argv", description: "a program", needsTrust: "runs a program" },
      push: { type: "boolean", description: "a switch", needsTrust: "sends secrets to an address" },
      address: { type: "string", description: "a server", needsTrust: "sends secrets to an address" },
    },
  ],
]);

/** The smallest data that is a configuration. */
export function coreData(): {
  stores: Record<string, unknown>;
  refs: Record<string, unknown>;
  policies: Record<string, unknown>;
} {
  return {
    stores: { red: { backend: "plain", root: "mxm/red" } },
    refs: { api_key: { store: "red", path: "marketdata/api_key", policy: "readers" } },
    policies: { readers: { allowed_principals: ["marketdata"] } },
  };
}

/** A string of the form of an age recipient; nobody holds its key. */
export const ageRecipient = `age1${"q".repeat(58)}`;
