/** Everything a backend of your own needs: `mxm-secrets/backend`. */
export { anyPath, defineBackend } from "./backends/contract.js";
export type {
  Backend,
  BackendCall,
  BackendContext,
  BackendDefinition,
  Finding,
  OpenedStore,
  OptionRow,
  OptionTable,
  PathGrammar,
  Presence,
  StoreReport,
  WriteCall,
} from "./backends/contract.js";
export { grantedAccess } from "./domain/grant.js";
export type { Grant, GrantedAccess } from "./domain/grant.js";
export {
  AbsentError,
  CancelledError,
  IntegrityError,
  InvalidInputError,
  LockedError,
  throwIfCancelled,
  UnavailableError,
  UnsupportedError,
} from "./errors.js";
