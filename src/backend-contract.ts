/** The promises every backend keeps, to be run by your own tests: `mxm-secrets/backend-contract`. */
export { backendContract } from "./backends/contract-suite.js";
export type { ContractCase, ContractSetup, ContractStore } from "./backends/contract-suite.js";
