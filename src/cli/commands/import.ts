import { formatOfFile, importFormats } from "../../delivery/import/formats.js";
import { isWanted, nameValues } from "../../delivery/import/names.js";
import type { NamedValue } from "../../delivery/import/names.js";
import type { ImportFormat } from "../../delivery/import/values.js";
import { formatProblem } from "../../domain/problem.js";
import { canonicalSecretName, nearest } from "../../domain/names.js";
import { ConfigurationError, InvalidInputError, quote, UnknownNameError } from "../../errors.js";
import { addRefs } from "../../runtime/edit-config.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { oneOf } from "../one-of.js";
import { offerDeletion, readImportSource } from "../import-source.js";
import type { ImportSource } from "../import-source.js";
import { importValues, isInStore, requireNoneKept, tellOutcomes } from "../import-values.js";
import type { ImportResult } from "../import-values.js";
import { newRef, requireSame } from "../new-ref.js";
import { isOwnFile } from "../refuse-own-file.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say, writeJson } from "../terminal.js";

/** `import`: the values of a file, or of another store, into a store; each read back and compared. */
export async function run(args: Arguments): Promise<number> {
  if (args.option("from-store") !== undefined) {
    const { importStore } = await import("../import-store.js");
    return importStore(args);
  }
  const place = chosenPlace(args);
  const format = chosenFormat(args, place);
  const session = await requireSession(args);
  const isOwn = place !== "-" && isOwnFile(session, place);
  if (isOwn && args.flag("delete-source")) throw notDeleted(place, "it is a file of this project");
  const source = readImportSource(place);
  const values = await readValues(source, format, args);
  const results = await bringIn(session, values, args);
  tellOutcomes(results, source.label, args.flag("dry-run"));
  const isDeleted = !isOwn && isWhole(results, args) && (await offerDeletion(source, args.flag("delete-source")));
  if (args.flag("json")) writeJson({ imported: results, deleted: isDeleted });
  requireNoneKept(results);
  if (args.flag("delete-source") && !isDeleted && !args.flag("dry-run")) {
    throw notDeleted(place, "not everything in it is in the store");
  }
  return 0;
}

async function bringIn(
  session: Session,
  values: readonly NamedValue[],
  args: Arguments,
): Promise<readonly ImportResult[]> {
  const refs = values.flatMap(({ name }) => {
    const known = session.config.refs.get(name);
    if (known === undefined) return [newRef(name, session, args)];
    requireSame(known, args);
    return [];
  });
  const items = values.map(({ name, value, line }) => ({ name, line, value: new TextEncoder().encode(value) }));
  return importValues(session.withRef(...refs), items, {
    overwrite: args.flag("overwrite"),
    includePlaceholders: args.flag("include-placeholders"),
    dryRun: args.flag("dry-run"),
    settle: async (names) => {
      const settled = refs.filter(({ name }) => names.includes(name));
      if (settled.length > 0) await addRefs(session.file, settled);
    },
  });
}

function notDeleted(file: string, reason: string): InvalidInputError {
  return new InvalidInputError(`${quote(file)} is not deleted: ${reason}`);
}

/** Whether nothing would be lost with the source. */
function isWhole(results: readonly ImportResult[], args: Arguments): boolean {
  const isPart = args.optionList("only").length > 0 || args.flag("dry-run");
  return !isPart && results.length > 0 && results.every(isInStore);
}

function chosenPlace(args: Arguments): string {
  const [file] = args.positionals;
  if (args.flag("stdin") && file !== undefined) throw misuse(args.command, "--stdin and a file exclude each other");
  const place = args.flag("stdin") ? "-" : file;
  if (place === undefined) throw misuse(args.command, "say what to import: a file, `-`, or --from-store STORE");
  if (place === "-" && args.flag("delete-source")) throw misuse(args.command, "standard input cannot be deleted");
  return place;
}

function chosenFormat(args: Arguments, place: string): ImportFormat {
  const names = importFormats.map(({ name }) => name);
  const wanted = oneOf(args, "format", names);
  const format = wanted === undefined ? formatOfFile(place) : importFormats.find(({ name }) => name === wanted);
  if (format !== undefined) return format;
  const what = place === "-" ? "standard input" : quote(place);
  throw misuse(args.command, `the format of ${what} is not certain: give --format, one of ${names.join(", ")}`);
}

/** Every wanted value under its canonical name. @throws ConfigurationError with every problem of the file */
async function readValues(source: ImportSource, format: ImportFormat, args: Arguments): Promise<readonly NamedValue[]> {
  const only = args.optionList("only").flatMap((list) => list.split(","));
  const wishes = {
    renames: renamesOf(args),
    only: only.length === 0 ? undefined : new Set(only.map((name) => canonicalSecretName(name.trim()))),
  };
  const { values, problems, remarks } = await format.read(source.bytes, source.label);
  const { named, problems: faultyNames } = nameValues(values, source.label, wishes);
  const faultyValues = problems.filter(
    ({ path: [written] }) => written === undefined || isWanted(String(written), wishes),
  );
  const faults = [...faultyValues, ...faultyNames].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (faults.length > 0) throw new ConfigurationError(faults.map(formatProblem).join("; "), faults);
  requireAll(wishes.only, named);
  for (const remark of remarks) say(`mxm-secrets: ${remark}`);
  return named;
}

/** `--rename WRITTEN=NAME` */
function renamesOf(args: Arguments): ReadonlyMap<string, string> {
  return new Map(
    args.optionList("rename").map((rename) => {
      const at = rename.lastIndexOf("=");
      if (at < 1) throw misuse(args.command, "--rename takes WRITTEN=NAME");
      return [rename.slice(0, at), canonicalSecretName(rename.slice(at + 1))];
    }),
  );
}

/** @throws UnknownNameError for a wanted name that the file does not have */
function requireAll(only: ReadonlySet<string> | undefined, named: readonly NamedValue[]): void {
  const there = named.map(({ name }) => name);
  const missing = [...(only ?? [])].find((name) => !there.includes(name));
  if (missing === undefined) return;
  const meant = nearest(missing, there);
  throw new UnknownNameError(
    `there is no ${quote(missing)} to import`,
    meant === undefined ? {} : { hint: `did you mean ${quote(meant)}?`, suggestion: meant },
  );
}
