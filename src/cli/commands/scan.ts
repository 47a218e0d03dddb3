import { resolve } from "node:path";
import { InvalidInputError, quote, UnavailableError } from "../../errors.js";
import { describeFinding, inOrder } from "../../scan/finding.js";
import type { Finding, Unread } from "../../scan/finding.js";
import { Inspector } from "../../scan/inspector.js";
import { keyMarks } from "../../scan/key-marks.js";
import { compileMarks } from "../../scan/marks.js";
import { isBelow } from "../../scan/path-filter.js";
import { findRepository } from "../../scan/repository.js";
import type { Repository } from "../../scan/repository.js";
import { scanFiles } from "../../scan/scan-files.js";
import { scanHistory } from "../../scan/scan-history.js";
import { scanStaged } from "../../scan/scan-staged.js";
import { valueMarks } from "../../scan/value-marks.js";
import type { Passed } from "../../scan/value-marks.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { ownPlaintextFiles } from "../own-files.js";
import { pathFromTop } from "../path-from-top.js";
import { readScanValues } from "../scan-values.js";
import type { ScanValues } from "../scan-values.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say, writeJson, writeLines } from "../terminal.js";
import { workingDirectory } from "../working-directory.js";

/** What a scan came to. */
interface Report {
  readonly findings: readonly Finding[];
  readonly unread: readonly Unread[];
  readonly notLookedFor: readonly Passed[];
  readonly values: ScanValues;
  readonly lookedFor: number;
  readonly inspector: Inspector;
}

/** `scan`: finds this project's values where they should not be. @returns 7 when something was found */
export async function run(args: Arguments): Promise<number> {
  if (args.flag("install-hook") || args.flag("uninstall-hook")) {
    const { changeHook } = await import("../scan-hook.js");
    return changeHook(args);
  }
  const isHistory = args.flag("history") || args.option("range") !== undefined;
  if (isHistory && args.flag("staged")) throw misuse(args.command, "--staged and --history are two scans");
  const session = await requireSession(args);
  const values = await readScanValues(session, args);
  const { marks, passed } = valueMarks(values.secrets.map((secret) => ({ name: secret.name, value: secret.bytes() })));
  const keys = keyMarks.map((mark) => ({ ...mark, kind: "key", form: "private key" }) as const);
  const inspector = new Inspector(compileMarks([...marks, ...keys]));
  const { findings, unread } = await look(inspector, session, args, isHistory);
  return tell(args, {
    findings: inOrder(findings),
    unread,
    notLookedFor: [...values.denied, ...passed],
    values,
    lookedFor: values.secrets.length - passed.length,
    inspector,
  });
}

async function look(
  inspector: Inspector,
  session: Session,
  args: Arguments,
  isHistory: boolean,
): Promise<{ readonly findings: readonly Finding[]; readonly unread: readonly Unread[] }> {
  const here = workingDirectory();
  if (!isHistory && !args.flag("staged")) {
    const ownFiles = ownPlaintextFiles(session);
    const excluded = args.optionList("exclude").map((path) => resolve(here, path));
    const scan = { workingDirectory: here, paths: args.positionals, environment: process.env, ownFiles, excluded };
    return scanFiles(inspector, scan);
  }
  const repository = await findRepository(here, process.env);
  if (repository === undefined) {
    throw new InvalidInputError(`${quote(here)} is in no git repository`, {
      hint: "without an option, `scan` reads files",
    });
  }
  const isWanted = pathFilter(repository, here, args);
  if (isHistory) {
    if (repository.isShallow) say("mxm-secrets: this clone is shallow: only the history that was fetched is looked at");
    return { findings: await scanHistory(inspector, repository, args.option("range"), isWanted), unread: [] };
  }
  return scanStaged(inspector, repository, isWanted);
}

/** Whether a path from the top of the repository is one of those given, or below it, and none that is left out. */
function pathFilter(repository: Repository, here: string, args: Arguments): (path: Buffer) => boolean {
  const fromTop = (path: string): string => pathFromTop(path, here, repository.top);
  const isNamed = args.positionals.length === 0 ? () => true : isBelow(args.positionals.map(fromTop));
  const isExcluded = isBelow(args.optionList("exclude").map(fromTop));
  return (path) => isNamed(path) && !isExcluded(path);
}

function tell(args: Arguments, report: Report): number {
  const { findings, unread, notLookedFor, values, lookedFor, inspector } = report;
  const failures = values.failures.map(({ name, error: { code, message } }) => ({ name, code, message }));
  if (args.flag("json")) {
    const scanned = { files: inspector.files, bytes: inspector.bytes, secrets: lookedFor };
    writeJson({ findings, notLookedFor, failures, unread, scanned });
    return exitCode(report);
  }
  writeLines(findings.map(describeFinding));
  sayByReason(notLookedFor, (names, reason) => `${names}: not looked for: ${reason}`);
  const reasons = failures.map(({ name, message }) => ({ name, reason: message }));
  sayByReason(reasons, (names, reason) => `could not look for ${names}: ${reason}`);
  if (values.failures.length === 0 && values.worst !== undefined) say(`mxm-secrets: ${values.worst.message}`);
  if (values.worst?.hint !== undefined) say(`  ${values.worst.hint}`);
  for (const { file, reason } of unread) say(`mxm-secrets: ${quote(file)} was not looked at: ${reason}`);
  const where = `${count(inspector.files, "file")}, ${size(inspector.bytes)}`;
  say(`mxm-secrets: looked for ${count(lookedFor, "secret")} in ${where}: ${count(findings.length, "finding")}`);
  if (findings.length > 0) say("  replace what got out where it was issued, before you remove it from here");
  return exitCode(report);
}

/** One line for each reason, because a project has many names and few reasons. */
function sayByReason(passed: readonly Passed[], describe: (names: string, reason: string) => string): void {
  for (const reason of new Set(passed.map((each) => each.reason))) {
    const names = passed.filter((each) => each.reason === reason).map(({ name }) => name);
    say(`mxm-secrets: ${describe(names.join(", "), reason)}`);
  }
}

/** What was found is certain; what could not be looked for, or at, might be there as well. */
function exitCode({ findings, unread, values }: Report): number {
  if (findings.length > 0) return 7;
  if (values.worst !== undefined) return values.worst.exitCode;
  return unread.length > 0 ? new UnavailableError("a file could not be read").exitCode : 0;
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
