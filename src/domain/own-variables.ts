import { identityFields } from "./identity.js";

/** The environment variables this program reads under its own name. */
export const ownVariables: readonly string[] = [
  "MXM_SECRETS_CONFIG",
  "MXM_SECRETS_STATE",
  "MXM_SECRETS_CACHE",
  "MXM_SECRETS_NO_CACHE",
  "MXM_SECRETS_PASSPHRASE",
  "MXM_SECRETS_WRITERS",
  ...identityFields.map((field) => `MXM_${field.toUpperCase()}`),
];
