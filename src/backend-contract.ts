/** The promises every backend keeps, to be run by your own tests: `mxm-secrets/backend-contract`. */
export { backendContract } from "./backends/contract-suite.js";
export { hiddenValue } from "./backends/contract-setup.js";
export type {
  BrokenState,
  ContractCase,
  ContractSetup,
  ContractStore,
  CountingStore,
  SlowStore,
} from "./backends/contract-setup.js";
