import type { CommandDeclaration } from "../command.js";
import { configurationOptions } from "../options.js";

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
    name: "types",
    summary: "write TypeScript declarations, so that an unknown name does not compile",
    usage: "[-o FILE] [--check]",
    options: {
      ...configurationOptions,
      output: {
        type: "string",
        short: "o",
        value: "FILE",
        description: "where to (mxm-secrets.d.ts beside the configuration); `-` is standard output",
      },
      check: { type: "boolean", description: "write nothing, and end with 7 when the file is stale" },
      force: { type: "boolean", short: "f", description: "replace a file that this command did not write" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/types.js"),
  },
];
