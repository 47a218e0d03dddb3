import type { AuditEvent } from "../../src/audit/record.js";

/** A decision to allow, with changes. */
export function decision(changes: Partial<AuditEvent & { event: "decision" }> = {}): AuditEvent {
  return {
    event: "decision",
    id: "0f4c7be2-8a40-4d5b-8d4c-0f8d9d0f2f11",
    identity: { role: "loader", environment: "dev", machine: "monolith" },
    assurance: "claimed",
    principal: "marketdata",
    action: "read",
    ref: "databento_api_key",
    store: "red",
    verdict: "allow",
    rule: "marketdata_access.allowed_principals",
    reasons: ["principal `marketdata` is allowed"],
    reason: undefined,
    ...changes,
  };
}

/** The outcome of the same access, with changes. */
export function outcome(changes: Partial<AuditEvent & { event: "outcome" }> = {}): AuditEvent {
  const { reasons: _reasons, ...access } = { reasons: [], ...decision() };
  return { ...access, event: "outcome", outcome: "value", durationMilliseconds: 1.25, ...changes };
}
