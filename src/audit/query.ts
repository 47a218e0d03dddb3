import { closeSync, fstatSync } from "node:fs";
import { IntegrityError, quote } from "../errors.js";
import { openRegular } from "../files/open-regular.js";
import { parseRecord } from "./canonical.js";
import { readLines } from "./lines.js";
import type { AuditOutcome, AuditRecord } from "./record.js";

/** Which records to show; a condition that is absent does not restrict. */
export interface AuditQuery {
  readonly name?: string | undefined;
  readonly principal?: string | undefined;
  readonly verdict?: AuditRecord["verdict"] | undefined;
  readonly action?: AuditRecord["action"] | undefined;
  /** Only outcome records have one. */
  readonly outcome?: AuditOutcome | undefined;
  /** From this moment on, milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** Before this moment, milliseconds since the epoch. */
  readonly until?: number | undefined;
}

/**
 * The records that match, oldest first, reading the file line by line. A last line that is still being written is left
 * out. The chain is not followed: `verifyAuditLog` does that.
 *
 * @returns nothing when there is no such file
 * @throws IntegrityError at a line that is no record, UnavailableError when the file cannot be read
 */
export function* queryAuditLog(file: string, query: AuditQuery = {}): Generator<AuditRecord> {
  const descriptor = openRegular(file);
  if (descriptor === undefined) return;
  try {
    for (const line of readLines(descriptor, fstatSync(descriptor).size)) {
      if (!line.complete) return;
      const record = parseRecord(line.text);
      if (record === undefined) {
        throw new IntegrityError(`line ${line.number} of the audit log ${quote(file)} was altered`, {
          hint: "run `mxm-secrets audit verify`",
        });
      }
      if (matches(record, query)) yield record;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The last `count` records that match, oldest first. As {@link queryAuditLog} otherwise. */
export function tailAuditLog(file: string, count: number, query: AuditQuery = {}): readonly AuditRecord[] {
  const last: AuditRecord[] = [];
  for (const record of queryAuditLog(file, query)) {
    last.push(record);
    if (last.length >= 2 * count + 1) last.splice(0, last.length - count);
  }
  return count < 1 ? [] : last.slice(-count);
}

function matches(record: AuditRecord, query: AuditQuery): boolean {
  const time = Date.parse(record.time);
  return (
    same(query.name, record.ref) &&
    same(query.principal, record.principal) &&
    same(query.verdict, record.verdict) &&
    same(query.action, record.action) &&
    same(query.outcome, record.outcome) &&
    (query.since === undefined || time >= query.since) &&
    (query.until === undefined || time < query.until)
  );
}

function same<T>(asked: T | undefined, actual: T): boolean {
  return asked === undefined || asked === actual;
}
