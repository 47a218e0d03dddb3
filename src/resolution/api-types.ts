import type { BackendDefinition } from "../backends/contract.js";
import type { SecretsConfig } from "../domain/config.js";
import type { Decision } from "../domain/decision.js";
import type { Action } from "../domain/policy.js";
import type { SecretPolicyRegistry, SecretRefRegistry, SecretStoreRegistry } from "./registries.js";
import type { AccessRequest } from "./request.js";

/** One request for a value. */
export interface SecretRequest extends AccessRequest {
  /** Returned when the store holds no value. It replaces absence only: never a denial, a failure or an unknown name. */
  readonly default?: string | undefined;
  /** Gives the request up; it then rejects with CancelledError. */
  readonly signal?: AbortSignal | undefined;
}

/** A request to store a value. Text is stored as UTF-8. */
export interface SetSecretRequest extends AccessRequest {
  readonly value: string | Uint8Array;
  /**
   * For a value that is moved and not changed: since when it is as it is, in milliseconds since the epoch. A store that
   * keeps such times keeps this one in place of the present; others disregard it.
   */
  readonly lastChanged?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why a caller would get a secret or not, found out without touching a store. */
/** One store that a chain asks. */
export interface AskedStore {
  readonly store: string;
  readonly backend: string;
  readonly enforcement: BackendDefinition["enforcement"];
  /** Its place: `[2, 1]` is the first of the second member. */
  readonly position: readonly number[];
  /** Why it is passed over for this path; `undefined` when it is asked. */
  readonly cannotHold: string | undefined;
  /** Whether the chain hands its writes to it. */
  readonly receivesWrites: boolean;
}

export interface Explanation {
  readonly secretName: string;
  readonly store: string;
  readonly backend: string;
  readonly enforcement: BackendDefinition["enforcement"];
  /** The stores that the store asks, in their order, when it is a chain; those of a chain within it follow it. */
  readonly asks: readonly AskedStore[];
  readonly policy: string;
  readonly principal: string | undefined;
  readonly action: Action;
  readonly decision: Decision;
  /** The smallest change that would turn the decision around; see `smallestChange`. */
  readonly change: readonly string[];
}

/** The parts a SecretsApi is made of, for callers who build their registries themselves. */
export interface SecretsApiParts extends Pick<SecretsConfig, "principals" | "keyholders" | "audit"> {
  readonly stores: SecretStoreRegistry;
  readonly refs: SecretRefRegistry;
  readonly policies: SecretPolicyRegistry;
}
