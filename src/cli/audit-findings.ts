import { resolve } from "node:path";
import { newLogHint, requireAppendable } from "../audit/log.js";
import { verifyAuditLog } from "../audit/verify.js";
import type { Finding } from "../backends/contract.js";
import { IntegrityError, isSecretsError } from "../errors.js";
import type { Configuration } from "./session.js";

/** The state of the access log. */
export interface CheckedLog {
  readonly path: string;
  readonly findings: readonly Finding[];
}

interface Where {
  readonly file: string;
  readonly stateDirectory: string;
}

/**
 * What is wrong with the access log: what `audit verify` finds, and why the next access could not be recorded.
 *
 * @returns `undefined` when none is configured
 */
export async function checkAuditLog(
  configuration: Pick<Configuration, "config" | "baseDirectory" | "stateDirectory">,
): Promise<CheckedLog | undefined> {
  const { config, baseDirectory, stateDirectory } = configuration;
  if (config.audit === undefined) return undefined;
  const path = resolve(baseDirectory, config.audit.path);
  return { path, findings: await findingsOf({ file: path, stateDirectory }) };
}

async function findingsOf(where: Where): Promise<readonly Finding[]> {
  try {
    const { fault } = await verifyAuditLog(where);
    const refusal = await refusalOf(where);
    if (fault === undefined) return refusal === undefined ? [] : [describe(refusal)];
    const { kind, message } = fault;
    if (kind === "unanchored" && refusal === undefined) {
      return [{ severity: "warning", message, hint: "the next access anchors it, when it was moved here on purpose" }];
    }
    const found: Finding = { severity: "problem", code: "integrity", message, hint: newLogHint(where) };
    // The verification says more exactly what the append found wrong.
    return refusal === undefined || refusal instanceof IntegrityError ? [found] : [found, describe(refusal)];
  } catch (error) {
    return [describe(error)];
  }
}

/** Why a record could not be appended; `undefined` when it could. */
async function refusalOf(where: Where): Promise<unknown> {
  try {
    await requireAppendable(where);
    return undefined;
  } catch (error) {
    return error;
  }
}

function describe(error: unknown): Finding {
  if (!isSecretsError(error) || error.code === "cancelled") throw error;
  const code = error instanceof IntegrityError ? "integrity" : "unavailable";
  return {
    severity: "problem",
    code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
