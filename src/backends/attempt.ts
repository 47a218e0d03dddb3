import { isSecretsError } from "../errors.js";
import type { Finding } from "./contract.js";
import { findingOf } from "./finding.js";

/**
 * For a check, which reports and does not throw: what work gives, or what kept it from giving it. Only errors of this
 * package become findings: they are known to hold no value.
 */
export async function attempt<T>(
  work: () => Promise<T> | T,
): Promise<{ readonly value: T } | { readonly finding: Finding }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isSecretsError(error) || error.code === "cancelled") throw error;
    return { finding: findingOf(error) };
  }
}
