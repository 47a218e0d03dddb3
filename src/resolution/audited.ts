import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { isSecretsError, SecretsError, UnavailableError } from "../errors.js";
import type { AuditEvent, AuditOutcome } from "../audit/record.js";
import type { AuditSink } from "../audit/sink.js";
import type { AuditConfig } from "../domain/config.js";
import type { DecidedRequest } from "./request.js";

/** Where the records of this API go, and whether an access may go on without one. */
export interface AuditPolicy {
  readonly sink: AuditSink;
  readonly required: boolean;
}

/**
 * The caller's own sink, else the log file of the configuration, else none. The file is opened at the first record:
 * a process that asks for nothing pays nothing.
 */
export function auditPolicyOf(
  configured: AuditConfig | undefined,
  own: AuditSink | undefined,
  where: { readonly baseDirectory: string; readonly stateDirectory: string; readonly now: () => number },
): AuditPolicy | undefined {
  const required = configured?.required ?? true;
  if (own !== undefined) return { sink: own, required };
  if (configured === undefined) return undefined;
  const file = resolve(where.baseDirectory, configured.path);
  let log: AuditSink | undefined;
  const sink: AuditSink = {
    append: async (event) => {
      if (log === undefined) {
        const { openAuditLog } = await import("../audit/log.js");
        log = openAuditLog({ file, stateDirectory: where.stateDirectory, now: where.now });
      }
      await log.append(event);
    },
  };
  return { sink, required };
}

/** The records of one access: its decision, and how it ended. */
export interface AuditTrail {
  /** @throws UnavailableError or IntegrityError when the record is required and cannot be written: nothing may be read */
  readonly decision: () => Promise<void>;
  readonly outcome: (outcome: AuditOutcome) => Promise<void>;
}

/** Starts the trail of one decided request; `undefined` without an audit policy. */
export function auditTrail(
  request: Pick<DecidedRequest, "facts" | "decision"> & {
    readonly ref: { readonly name: string; readonly store: string | undefined };
  },
  {
    audit,
    now,
    warn,
  }: {
    readonly audit: AuditPolicy | undefined;
    readonly now: () => number;
    readonly warn: (line: string) => void;
  },
): AuditTrail | undefined {
  if (audit === undefined) return undefined;
  const { facts, decision, ref } = request;
  const started = now();
  const common = {
    id: randomUUID(),
    identity: facts.identity,
    assurance: facts.assurance,
    principal: facts.principal,
    action: facts.action,
    ref: ref.name,
    store: ref.store,
    verdict: decision.verdict,
    rule: decision.rule,
    reason: facts.reason,
  };
  const append = async (event: AuditEvent): Promise<void> => {
    try {
      await audit.sink.append(event);
    } catch (thrown) {
      const error = thrown instanceof SecretsError ? thrown : unwritable(thrown);
      if (audit.required) throw error;
      warn(`audit record lost: ${error.message}`);
    }
  };
  return {
    decision: () => append({ ...common, event: "decision", reasons: decision.reasons }),
    outcome: (outcome) => append({ ...common, event: "outcome", outcome, durationMilliseconds: now() - started }),
  };
}

function unwritable(cause: unknown): UnavailableError {
  return new UnavailableError("the audit record cannot be written", { cause });
}

/** How an error is named in the log: by its code, never by its text. */
export function outcomeOf(thrown: unknown): AuditOutcome {
  return isSecretsError(thrown) ? thrown.code : "unavailable";
}
