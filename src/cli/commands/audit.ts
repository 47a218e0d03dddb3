import { resolve } from "node:path";
import { ConfigurationError, errorCodes } from "../../errors.js";
import { queryAuditLog, tailAuditLog } from "../../audit/query.js";
import type { AuditQuery } from "../../audit/query.js";
import type { AuditOutcome, AuditRecord } from "../../audit/record.js";
import { verifyAuditLog } from "../../audit/verify.js";
import { canonicalSecretName, isIdentifier } from "../../domain/names.js";
import { actions } from "../../domain/policy.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { oneOf } from "../one-of.js";
import { requireConfiguration } from "../session.js";
import { say, writeJson, writeLines } from "../terminal.js";

interface Log {
  readonly file: string;
  readonly stateDirectory: string;
}

const verbs: ReadonlyMap<string, (args: Arguments, log: Log) => Promise<number>> = new Map([
  ["tail", tail],
  ["query", query],
  ["verify", verify],
]);

/** `audit tail|query|verify`: the access log. `verify` returns 7 when it finds a fault. */
export async function run(args: Arguments): Promise<number> {
  const verb = verbs.get(args.positionals[0] ?? "");
  if (verb === undefined) throw misuse(args.command, "expected tail, query or verify");
  const { config, baseDirectory, stateDirectory, requireTrust } = await requireConfiguration(args);
  if (config.audit === undefined) {
    throw new ConfigurationError("there is no access log in this configuration", [], {
      hint: "add `audit: { path: audit.jsonl }`",
    });
  }
  // It takes the log's lock, which is a file beside the log.
  if (verb === verify) requireTrust();
  return verb(args, { file: resolve(baseDirectory, config.audit.path), stateDirectory });
}

async function tail(args: Arguments, { file }: Log): Promise<number> {
  const lines = Number(args.option("lines") ?? "10");
  if (!Number.isInteger(lines) || lines < 1 || lines > 100_000) {
    throw misuse(args.command, "--lines: expected a number from 1 to 100000");
  }
  const records = tailAuditLog(file, lines, queryOf(args));
  if (args.flag("json")) writeJson(records);
  else writeLines(records.map(describe));
  return 0;
}

async function query(args: Arguments, { file }: Log): Promise<number> {
  const records = queryAuditLog(file, queryOf(args));
  if (args.flag("json")) writeJson([...records]);
  else for (const record of records) writeLines([describe(record)]);
  return 0;
}

async function verify(args: Arguments, log: Log): Promise<number> {
  const verification = await verifyAuditLog(log);
  const { records, decisions, denied, fault } = verification;
  if (args.flag("json")) writeJson({ ok: fault === undefined, ...verification });
  else if (fault === undefined) writeLines([`ok: ${records} records, ${decisions} decisions, ${denied} denied`]);
  else say(`${log.file}:${fault.line}: ${fault.kind}: ${fault.message}`);
  return fault === undefined ? 0 : 7;
}

function describe(record: AuditRecord): string {
  const { time, event, principal, role, action, ref, verdict, rule, outcome, reason } = record;
  const end = event === "decision" ? `${verdict} by ${rule}` : (outcome ?? "");
  const why = reason === undefined ? "" : ` reason=${JSON.stringify(reason)}`;
  const who = principal ?? `(role ${JSON.stringify(role)})`;
  // A principal that is a role may be any text, and must not look like the rest of a line.
  const shown = principal === undefined || isIdentifier(principal) ? who : JSON.stringify(principal);
  return `${time} ${shown} ${action} ${ref}: ${end}${why}`;
}

function queryOf(args: Arguments): AuditQuery {
  const name = args.option("name");
  return {
    name: name === undefined ? undefined : canonicalSecretName(name),
    principal: args.option("principal"),
    verdict: oneOf(args, "verdict", ["allow", "deny"] as const),
    action: oneOf(args, "action", actions),
    outcome: oneOf(args, "outcome", outcomes),
    since: momentOf(args, "since"),
    until: momentOf(args, "until"),
  };
}

const outcomes: readonly AuditOutcome[] = ["value", "default", "written", "removed", ...codes()];

function codes(): readonly AuditOutcome[] {
  return Object.keys(errorCodes).filter((code): code is keyof typeof errorCodes => code in errorCodes);
}

const unitMilliseconds: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment: RFC 3339 or a date, or how long ago (`30m`, `12h`, `90d`, `2w`). */
function momentOf(args: Arguments, option: string): number | undefined {
  const given = args.option(option);
  if (given === undefined) return undefined;
  const [, count, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(given) ?? [];
  if (count !== undefined) return Date.now() - Number(count) * (unitMilliseconds[unit] ?? 0);
  const moment = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw misuse(args.command, `--${option}: expected a time such as 2026-11-22, 2026-11-22T08:00:00Z, or 12h`);
}
