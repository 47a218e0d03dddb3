/** The public API of mxm-secrets. */
export { SecretsApi } from "./resolution/secrets-api.js";
export type { Explanation, SecretRequest, SecretsApiParts, SetSecretRequest } from "./resolution/api-types.js";
export type { SecretsApiOptions } from "./resolution/options.js";
export type { AccessRequest } from "./resolution/request.js";
export type { CheckedStore, CheckReport } from "./resolution/check.js";
export type { CheckedRef } from "./resolution/check-ref.js";
export { renderTemplate } from "./delivery/render.js";
export type { RenderOptions } from "./delivery/render.js";
export { neededSecrets } from "./delivery/needed.js";
export type { NeededSecret, TemplateCaller, TemplateOptions } from "./delivery/needed.js";
export { referencesIn } from "./templates/grammar.js";
export type { Place, Reference } from "./templates/grammar.js";
export type { DataPath, TemplateUse } from "./templates/template.js";
export type { EscapeName } from "./templates/escape.js";
export type { TemplateFormat } from "./templates/formats.js";
export type { Inventory, InventoryEntry } from "./resolution/inventory.js";
export { getSecret } from "./resolution/one-call.js";
export type { OneCallOptions } from "./resolution/one-call.js";
export { SecretPolicyRegistry, SecretRefRegistry, SecretStoreRegistry } from "./resolution/registries.js";
export { memoryBackend } from "./backends/memory.js";
export { redactFields } from "./redaction/fields.js";
export type { RedactFieldsOptions } from "./redaction/fields.js";
export { isSecretFieldName } from "./redaction/field-names.js";
export { createRedactor } from "./redaction/redactor.js";
export type { RedactedStream, RedactedValue, Redactor } from "./redaction/redactor.js";
export type { Secret } from "./domain/secret.js";
export type { Decision } from "./domain/decision.js";
export type { Assurance, ProvenIdentity, RuntimeIdentity } from "./domain/identity.js";
export type { Action, SecretPolicy } from "./domain/policy.js";
export type { PrincipalRule } from "./domain/principal.js";
export type { Keyholder } from "./domain/keyholder.js";
// Not by name: declarations merge with what is re-exported as a whole only.
export type * from "./domain/secret-names.js";
export type { SecretRef } from "./domain/ref.js";
export type { SecretStore } from "./domain/store.js";
export type { AuditEvent } from "./audit/record.js";
export type { AuditSink } from "./audit/sink.js";
export {
  AbsentError,
  AccessDeniedError,
  CancelledError,
  ConfigurationError,
  IntegrityError,
  InvalidInputError,
  isSecretsError,
  LockedError,
  SecretsError,
  UnavailableError,
  UnknownNameError,
  UnsupportedError,
} from "./errors.js";
export type { AnySecretsError, DeniedDecision, ErrorCode, Problem, UnavailableReason } from "./errors.js";
