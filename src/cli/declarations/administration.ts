import type { CommandDeclaration } from "../command.js";
import { commonOptions, configurationOptions, identityOptions } from "../options.js";

const yes = { type: "boolean", short: "y", description: "do not ask" } as const;

/** Commands about stores, keys, configuration and records. */
export const administrationCommands: readonly CommandDeclaration[] = [
  {
    name: "init",
    summary: "start a project here: configuration, key, empty store, template, .gitignore",
    usage: "[--post-quantum] [--passphrase] [--force]",
    options: {
      ...commonOptions,
      force: {
        type: "boolean",
        short: "f",
        description: "begin a new store where one was before and is gone for good",
      },
      "post-quantum": { type: "boolean", description: "make a hybrid post-quantum key" },
      passphrase: { type: "boolean", description: "protect the key with a passphrase" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/init.js"),
  },
  {
    name: "check",
    summary: "say whether configuration, stores, keys and permissions are ready, without a value",
    usage: "",
    options: identityOptions,
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/check.js"),
  },
  {
    name: "audit",
    summary: "read and verify the access log",
    usage: "tail | query | verify",
    options: {
      ...configurationOptions,
      lines: { type: "string", short: "n", value: "N", description: "tail: how many records (10)" },
      name: { type: "string", value: "NAME", description: "query: only this secret" },
      principal: { type: "string", value: "PRINCIPAL", description: "query: only this principal" },
      verdict: { type: "string", value: "VERDICT", description: "query: allow or deny" },
      action: { type: "string", value: "ACTION", description: "query: read or write" },
      outcome: {
        type: "string",
        value: "OUTCOME",
        description: "query: value, absent, written, removed or an error code",
      },
      since: { type: "string", value: "TIME", description: "query: from this time on, RFC 3339 or 90d, 12h, 30m" },
      until: { type: "string", value: "TIME", description: "query: before this time" },
    },
    positionals: { minimum: 1, maximum: 1 },
    completes: ["tail", "query", "verify"],
    load: () => import("../commands/audit.js"),
  },
  {
    name: "keys",
    summary: "manage who can decrypt the sealed store",
    usage: "init | public | list | add NAME [RECIPIENT] | rm NAME",
    options: {
      ...configurationOptions,
      store: { type: "string", value: "STORE", description: "the sealed store, when there are several" },
      principals: { type: "string", value: "P,…", description: "add: whom the key may act as" },
      write: { type: "boolean", description: "add: the key may sign changes; needs --signer" },
      signer: { type: "string", value: "KEY", description: "add --write: the signing key `keys public` printed there" },
      "post-quantum": { type: "boolean", description: "init: make a hybrid post-quantum key" },
      passphrase: { type: "boolean", description: "init: protect the key with a passphrase" },
      yes,
    },
    positionals: { minimum: 1, maximum: 3 },
    completes: ["init", "public", "list", "add", "rm"],
    load: () => import("../commands/keys.js"),
  },
  {
    name: "rotate-key",
    summary: "replace this machine's key and encrypt anew what it opens",
    usage: "[--store STORE] [--post-quantum]",
    options: {
      ...configurationOptions,
      store: { type: "string", value: "STORE", description: "the sealed store, when there are several" },
      "post-quantum": { type: "boolean", description: "make a hybrid post-quantum key" },
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/rotate-key.js"),
  },
  {
    name: "migrate",
    summary: "move a store from the older format (one Fernet token) to the sealed format, or back",
    usage: "[--to sealed | fernet] [--store STORE] [--policy POLICY]",
    options: {
      ...configurationOptions,
      to: { type: "string", value: "FORMAT", description: "sealed (default) or fernet" },
      store: { type: "string", value: "STORE", description: "the sealed store, when there are several" },
      policy: {
        type: "string",
        value: "POLICY",
        description: "of values that no name in the configuration has (else defaults.policy)",
      },
      "post-quantum": { type: "boolean", description: "make a hybrid post-quantum key" },
      yes,
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/migrate.js"),
  },
  {
    name: "trust",
    summary: "allow this configuration to run programs, or accept a store that was replaced",
    usage: "[--store STORE | --list | --revoke]",
    options: {
      ...configurationOptions,
      store: {
        type: "string",
        value: "STORE",
        description: "accept the present file of this sealed store: its writers and its generation",
      },
      list: { type: "boolean", description: "list what this user trusts" },
      revoke: { type: "boolean", description: "trust this configuration no longer" },
      yes,
    },
    positionals: { minimum: 0, maximum: 0 },
    load: () => import("../commands/trust.js"),
  },
  {
    name: "merge",
    summary: "merge two versions of a sealed store (a git merge driver)",
    usage: "BASE OURS THEIRS [PATH]",
    options: {
      ...configurationOptions,
      store: { type: "string", value: "STORE", description: "the sealed store, when there are several" },
    },
    positionals: { minimum: 3, maximum: 4 },
    completes: "file",
    load: () => import("../commands/merge.js"),
  },
  {
    name: "diff",
    summary: "print a sealed store without values or ciphertext (a git textconv)",
    usage: "FILE",
    options: commonOptions,
    positionals: { minimum: 1, maximum: 1 },
    completes: "file",
    load: () => import("../commands/diff.js"),
  },
];
