import type { CommandDeclaration } from "../command.js";
import { configurationOptions, identityOptions } from "../options.js";

/** Commands about a project as a whole: what it needs, and what is known of it. */
export const projectCommands: readonly CommandDeclaration[] = [
  {
    name: "inventory",
    summary: "list every secret with its owner, its users, its age and when it is due, without a value",
    usage: "[--overdue] [--markdown | --json]",
    options: {
      ...configurationOptions,
      overdue: { type: "boolean", description: "only those whose rotation is overdue" },
      markdown: { type: "boolean", description: "a table for a page" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/inventory.js"),
  },
  {
    name: "setup",
    summary: "get a value for every name the project requires, from hidden prompts or a file",
    usage: "[--from FILE | --stdin] [--force] [--store STORE] [--policy POLICY]",
    options: {
      ...identityOptions,
      from: { type: "string", value: "FILE", description: "take the values from this env file" },
      stdin: { type: "boolean", description: "take them from standard input, NAME=value lines, byte for byte" },
      force: { type: "boolean", short: "f", description: "replace other values, and accept placeholders" },
      store: { type: "string", value: "STORE", description: "the store of new names (else defaults.store)" },
      policy: { type: "string", value: "POLICY", description: "the policy of new names (else defaults.policy)" },
    },
    positionals: { minimum: 0, maximum: 0 },
    surplus: "it takes no name and no value: it asks for what is missing",
    load: () => import("../commands/setup.js"),
  },
  {
    name: "sync",
    summary: "list in the template `secrets` what the project's files refer to",
    usage: "[--check] [--prune [--yes]]",
    options: {
      ...configurationOptions,
      check: { type: "boolean", description: "change nothing, and end with 7 when the template is stale" },
      prune: { type: "boolean", description: "also remove names that no file refers to; asks first" },
      yes: { type: "boolean", short: "y", description: "do not ask" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/sync.js"),
  },
  {
    name: "types",
    summary: "write TypeScript declarations, so that an unknown name does not compile",
    usage: "[-o FILE] [--check]",
    options: {
      ...configurationOptions,
      output: {
        type: "string",
        short: "o",
        value: "FILE",
        description: "where to (mxm-secrets-names.d.ts beside the configuration); `-` is standard output",
      },
      check: { type: "boolean", description: "write nothing, and end with 7 when the file is stale" },
      force: { type: "boolean", short: "f", description: "replace a file that this command did not write" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/types.js"),
  },
];
