import { createHash } from "node:crypto";
import { assurances } from "../domain/identity.js";
import { isIdentifier } from "../domain/names.js";
import { actions } from "../domain/policy.js";
import { errorCodes, InvalidInputError } from "../errors.js";
import type { AuditEvent, AuditRecord } from "./record.js";

/** What stands for the hash of the record before the first. */
export const noHash = "0".repeat(64);

/** No record is longer, in bytes with its line feed. */
export const maximumRecordBytes = 65_536;

const maximumText = 256;
const maximumReasons = 16;
const hashKey = `,"hash":"`;
const hashTail = hashKey.length + 64 + `"}`.length;
const sha256 = /^[0-9a-f]{64}$/;
const outcomes: ReadonlySet<unknown> = new Set(["value", "default", "written", "removed", ...Object.keys(errorCodes)]);

const isText = (field: unknown): boolean => typeof field === "string" && field.length <= maximumText;
const isHash = (field: unknown): boolean => typeof field === "string" && sha256.test(field);
const optional = (is: (field: unknown) => boolean) => (field: unknown) => field === undefined || is(field);

const fields: Readonly<Record<keyof AuditRecord, (field: unknown) => boolean>> = {
  version: (field) => field === 1,
  time: (field) => typeof field === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(field),
  event: (field) => field === "decision" || field === "outcome",
  id: isText,
  role: isText,
  environment: isText,
  machine: isText,
  app: optional(isText),
  substrate: optional(isText),
  assurance: (field) => assurances.some((known) => known === field),
  principal: optional(isText),
  action: (field) => actions.some((known) => known === field),
  ref: isText,
  store: optional(isText),
  verdict: (field) => field === "allow" || field === "deny",
  rule: isText,
  reasons: optional((field) => Array.isArray(field) && field.every(isText)),
  reason: optional(isText),
  outcome: optional((field) => outcomes.has(field)),
  duration: optional((field) => typeof field === "number" && field >= 0),
  previous: isHash,
  hash: isHash,
};
const order: readonly string[] = Object.keys(fields);

/**
 * The line for an event, with its line feed. Texts that come from the caller are cut at 256 characters.
 *
 * @param time - milliseconds since the epoch
 * @param previous - the hash of the record before
 * @throws InvalidInputError for an event that does not fit its type, before it breaks the chain
 */
export function formatRecord(event: AuditEvent, time: number, previous: string): { line: string; hash: string } {
  const { identity } = event;
  const body = JSON.stringify({
    version: 1,
    time: new Date(time).toISOString(),
    event: event.event,
    id: cut(event.id),
    role: cut(identity.role),
    environment: cut(identity.environment),
    machine: cut(identity.machine),
    app: cut(identity.app),
    substrate: cut(identity.substrate),
    assurance: event.assurance,
    principal: cut(event.principal),
    action: event.action,
    ref: isIdentifier(event.ref) ? event.ref : "(not a name)",
    store: cut(event.store),
    verdict: event.verdict,
    rule: cut(event.rule),
    reasons: event.event === "decision" ? event.reasons.slice(0, maximumReasons).map(cut) : undefined,
    reason: cut(event.reason),
    ...(event.event === "outcome" ? { outcome: event.outcome, duration: roundDuration(event) } : {}),
    previous,
  } satisfies Record<Exclude<keyof AuditRecord, "hash" | "outcome" | "duration">, unknown>);
  const hash = hashOf(body);
  const line = `${body.slice(0, -1)}${hashKey}${hash}"}`;
  if (parseRecord(line) === undefined) throw new InvalidInputError("the audit event is malformed");
  return { line: `${line}\n`, hash };
}

/**
 * One line, without its line feed. Exactly what {@link formatRecord} writes is accepted: known keys in their order, no
 * other spelling of the same JSON, and a hash that fits.
 *
 * @returns `undefined` for anything else
 */
export function parseRecord(line: string): AuditRecord | undefined {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(data) || JSON.stringify(data) !== line) return undefined;
  return hashOf(`${line.slice(0, -hashTail)}}`) === data.hash ? data : undefined;
}

function isRecord(data: unknown): data is AuditRecord {
  if (typeof data !== "object" || data === null) return false;
  let last = -1;
  for (const key of Object.keys(data)) {
    const position = order.indexOf(key);
    if (position <= last) return false;
    last = position;
  }
  const values = new Map<string, unknown>(Object.entries(data));
  return Object.entries(fields).every(([key, is]) => is(values.get(key)));
}

function hashOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function cut<T extends string | undefined>(text: T): T | string {
  return text === undefined || text.length <= maximumText ? text : text.slice(0, maximumText).toWellFormed();
}

/** Microsecond precision; what is no duration (a clock set back) counts as none. */
function roundDuration({ durationMilliseconds }: { readonly durationMilliseconds: number }): number {
  return durationMilliseconds > 0 ? Math.round(Math.min(durationMilliseconds, 1e12) * 1000) / 1000 : 0;
}
