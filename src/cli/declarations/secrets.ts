import type { CommandDeclaration } from "../command.js";
import { identityOptions } from "../options.js";

const where = {
  store: { type: "string", value: "STORE", description: "the store of a new name (else defaults.store)" },
  policy: {
    type: "string",
    value: "POLICY",
    description: "the policy of a new name (else defaults.policy)",
  },
} as const;

/** Commands about one secret or several. */
export const secretCommands: readonly CommandDeclaration[] = [
  {
    name: "get",
    summary: "print one secret's value",
    usage: "NAME [--default VALUE] [--no-newline]",
    options: {
      ...identityOptions,
      default: {
        type: "string",
        value: "VALUE",
        description: "printed when the secret is absent; never hides a refusal or a failure",
      },
      "no-newline": { type: "boolean", short: "n", description: "print the value without a newline after it" },
    },
    positionals: { minimum: 1, maximum: 1 },
    completes: "secret",
    load: () => import("../commands/get.js"),
  },
  {
    name: "set",
    summary: "store one secret's value, from a hidden prompt, standard input or a file",
    usage: "NAME [--stdin | --file FILE] [--store STORE] [--policy POLICY]",
    options: {
      ...identityOptions,
      ...where,
      stdin: {
        type: "boolean",
        description: "read the value from standard input, byte for byte (with --trim, less its last newline)",
      },
      file: { type: "string", value: "FILE", description: "read the value from a file, byte for byte" },
      trim: { type: "boolean", description: "leave out one newline at the end of what is read" },
    },
    positionals: { minimum: 1, maximum: 1 },
    surplus: "a value is never given as an argument: every user of this machine could read it in `ps`",
    completes: "secret",
    load: () => import("../commands/set.js"),
  },
  {
    name: "list",
    summary: "list the configured names",
    usage: "[--store STORE] [--policy POLICY]",
    options: {
      ...identityOptions,
      store: { type: "string", value: "STORE", description: "only the names in this store" },
      policy: { type: "string", value: "POLICY", description: "only the names under this policy" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/list.js"),
  },
  {
    name: "rm",
    summary: "remove a secret's value and its name",
    usage: "NAME [--keep-ref] [--force] [--yes]",
    options: {
      ...identityOptions,
      force: {
        type: "boolean",
        short: "f",
        description: "remove it although used_by, the template or a file of the project names it",
      },
      "keep-ref": { type: "boolean", description: "remove the value only; the name stays configured" },
      yes: { type: "boolean", short: "y", description: "do not ask" },
    },
    positionals: { minimum: 1, maximum: 1 },
    completes: "secret",
    load: () => import("../commands/rm.js"),
  },
  {
    name: "mv",
    summary: "rename a secret",
    usage: "OLD NEW",
    options: identityOptions,
    positionals: { minimum: 2, maximum: 2 },
    completes: "secret",
    load: () => import("../commands/mv.js"),
  },
  {
    name: "edit",
    summary: "change a secret's value in $EDITOR",
    usage: "NAME",
    options: identityOptions,
    positionals: { minimum: 1, maximum: 1 },
    completes: "secret",
    load: () => import("../commands/edit.js"),
  },
  {
    name: "explain",
    summary: "say why this caller would get a secret or not",
    usage: "NAME [--action read|write]",
    options: {
      ...identityOptions,
      action: { type: "string", value: "ACTION", description: "read (default) or write" },
    },
    positionals: { minimum: 1, maximum: 1 },
    completes: "secret",
    load: () => import("../commands/explain.js"),
  },
];
