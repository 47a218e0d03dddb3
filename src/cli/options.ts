import type { OptionDeclarations } from "./command.js";

/** Options every command takes. */
export const commonOptions = {
  help: { type: "boolean", short: "h", description: "show this help" },
  json: { type: "boolean", description: "print JSON; errors as JSON on standard error" },
} as const satisfies OptionDeclarations;

/** Options of every command that reads the configuration. */
export const configurationOptions = {
  ...commonOptions,
  config: {
    type: "string",
    value: "FILE",
    description: "the configuration (else MXM_SECRETS_CONFIG, else the nearest mxm-secrets.yaml)",
  },
  profile: { type: "string", value: "NAME", description: "lay this profile of the configuration over it" },
  verbose: { type: "boolean", short: "v", description: "say each step on standard error, never a value" },
  "allow-insecure-permissions": { type: "boolean", description: "accept key and plaintext files that others may read" },
} as const satisfies OptionDeclarations;

/** Options of every command that asks as somebody. */
export const identityOptions = {
  ...configurationOptions,
  role: { type: "string", value: "ROLE", description: "who asks (else MXM_ROLE, else identity.role)" },
  environment: { type: "string", value: "ENV", description: "the environment (else MXM_ENVIRONMENT, …)" },
  machine: { type: "string", value: "HOST", description: "the machine (else MXM_MACHINE, …, else this host's name)" },
  app: { type: "string", value: "APP", description: "the application (else MXM_APP, …)" },
  substrate: { type: "string", value: "KIND", description: "what it runs on (else MXM_SUBSTRATE, …, else discovered)" },
  reason: { type: "string", value: "TEXT", description: "why; kept in the audit log, demanded by some policies" },
} as const satisfies OptionDeclarations;

/** Options of every command that takes several secrets at once. */
export const selectionOptions = {
  only: { type: "string", value: "NAME,…", multiple: true, description: "exactly these secrets" },
  for: { type: "string", value: "USER", description: "the secrets whose used_by names this user" },
  all: { type: "boolean", description: "every secret this caller may read" },
} as const satisfies OptionDeclarations;

/** Options of every command that may write values to a file. */
export const outputOptions = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    description: "write this file, readable by you alone (`-`, the default, is standard output)",
  },
  force: { type: "boolean", short: "f", description: "write the file although git tracks it" },
} as const satisfies OptionDeclarations;
