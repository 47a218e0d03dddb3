/** What reads files and finds things out, apart from the library that does neither: `mxm-secrets/runtime`. */
export { loadSecretsApi } from "./runtime/load-api.js";
export type { LoadSecretsApiOptions } from "./runtime/load-api.js";
export { trustConfiguration } from "./runtime/trust-api.js";
export type { UntrustedPart } from "./runtime/trust-api.js";
export { attestIdentity } from "./runtime/attest.js";
export { discoverMachine, discoverSubstrate } from "./runtime/substrate.js";
