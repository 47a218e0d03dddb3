import type { Assurance, RuntimeIdentity } from "../domain/identity.js";
import type { Action } from "../domain/policy.js";
import type { ErrorCode } from "../errors.js";

/** How an access ended. A closed set of words, so that no value can be written by mistake. */
export type AuditOutcome = "value" | "default" | "written" | "removed" | ErrorCode;

/** One request for one secret: who asked, and what was decided. */
interface AuditedAccess {
  /** Random; the same in the decision and the outcome of one access. */
  readonly id: string;
  readonly identity: RuntimeIdentity;
  readonly assurance: Assurance;
  /** `undefined` when no mapping rule matched the identity. */
  readonly principal: string | undefined;
  readonly action: Action;
  /** The public name asked for. What is not a name is recorded as `(not a name)`, for it may be a value. */
  readonly ref: string;
  /** `undefined` when the name is not configured. */
  readonly store: string | undefined;
  readonly verdict: "allow" | "deny";
  readonly rule: string;
  /** What the caller gave as its reason. */
  readonly reason: string | undefined;
}

/** What is recorded of an access: the decision before anything is read, the outcome after. */
export type AuditEvent =
  | (AuditedAccess & { readonly event: "decision"; readonly reasons: readonly string[] })
  | (AuditedAccess & {
      readonly event: "outcome";
      readonly outcome: AuditOutcome;
      readonly durationMilliseconds: number;
    });

/** One line of the log, in the order of its keys. `docs/audit.md` describes it. */
export interface AuditRecord {
  readonly version: 1;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly event: "decision" | "outcome";
  readonly id: string;
  readonly role: string;
  readonly environment: string;
  readonly machine: string;
  readonly app?: string;
  readonly substrate?: string;
  readonly assurance: Assurance;
  readonly principal?: string;
  readonly action: Action;
  readonly ref: string;
  readonly store?: string;
  readonly verdict: "allow" | "deny";
  readonly rule: string;
  /** Why it was decided so; in decisions only. */
  readonly reasons?: readonly string[];
  /** What the caller gave as its reason. */
  readonly reason?: string;
  /** In outcomes only. */
  readonly outcome?: AuditOutcome;
  /** In outcomes only: milliseconds since the decision was asked for. */
  readonly duration?: number;
  /** The hash of the record before, {@link noHash} in the first. */
  readonly previous: string;
  /** SHA-256 over the record's JSON without this key. */
  readonly hash: string;
}
