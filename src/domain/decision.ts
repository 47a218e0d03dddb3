import type { Assurance } from "./identity.js";

/** The outcome of one authorization. Pure data: safe to log, store and show. */
export interface Decision {
  readonly verdict: "allow" | "deny";
  /** The rule that decided, `POLICY.KEY` (`marketdata_access.denied_principals`), or `default_deny`. */
  readonly rule: string;
  /** One line for each fact that mattered. On a denial, every condition that is not met. */
  readonly reasons: readonly string[];
  readonly assurance: Assurance;
}
