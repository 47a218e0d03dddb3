import { AccessDeniedError, quote } from "../errors.js";
import type { Explanation } from "./api-types.js";

/** The error of a request that the policy refuses. */
export function deniedError({
  decision,
  secretName,
  action,
  principal,
}: Pick<Explanation, "decision" | "secretName" | "action" | "principal">): AccessDeniedError {
  const who = principal === undefined ? "this identity" : quote(principal);
  return new AccessDeniedError(`${who} may not ${action} ${quote(secretName)}: ${decision.reasons.join("; ")}`, {
    decision: { verdict: "deny", rule: decision.rule, reasons: decision.reasons },
    hint: `decided by ${decision.rule}; \`mxm-secrets explain ${secretName}\` shows what would change it`,
  });
}
