import type { Finding } from "../../backends/contract.js";
import { environmentName } from "../../domain/names.js";
import { InvalidInputError, singleLine } from "../../errors.js";
import { describePlace } from "../../runtime/project-place.js";
import type { ProjectUse } from "../../runtime/project-place.js";
import { addNames, parseTemplate, removeNames } from "../../templates/required-names.js";
import type { Arguments } from "../arguments.js";
import { newTemplate } from "../new-project.js";
import { describePlaces, projectNeeds } from "../project-state.js";
import type { ProjectNeeds, RequiredName } from "../project-state.js";
import { confirm } from "../prompt.js";
import { requireConfiguration } from "../session.js";
import type { Configuration } from "../session.js";
import { faultyLines, readTemplate, templateName, valueWarning, writeTemplate } from "../template.js";
import { say, writeJson } from "../terminal.js";

/** How the template differs from what the project's files say. */
interface Difference {
  /** Used, and not in the template. */
  readonly lacking: readonly RequiredName[];
  /** In the template, and neither used in a file nor by somebody whom `used_by` names. */
  readonly unused: readonly RequiredName[];
}

/**
 * `sync`: lists in the template what the project's files refer to. Everything else in it stays, byte for byte; entries
 * are removed only with `--prune`.
 *
 * @returns 0; with `--check` 7 when the template would change
 */
export async function run(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const needs = await projectNeeds(configuration);
  const difference = differenceOf(configuration, needs);
  const pruned = args.flag("prune") ? difference.unused : [];
  const remarks = tell(configuration, needs, args);
  if (remarks.isPartial && pruned.length > 0) {
    throw new InvalidInputError("not everything in the files could be read, so that it is not known what is unused", {
      hint: "see to the problems named above, or leave out --prune",
    });
  }
  if (args.flag("check")) return report(difference, { pruned, isDone: false }, args, remarks);
  const isRemoving = pruned.length > 0 && (await confirm(questionOf(pruned), args.flag("yes")));
  const removed = isRemoving ? pruned : [];
  if (difference.lacking.length > 0 || removed.length > 0) {
    const before = readTemplate(configuration) ?? newTemplate([]);
    const kept = removeNames(before, new Set(removed.map(({ name }) => name)));
    writeTemplate(configuration, addNames(kept, usersByName(difference.lacking)));
  }
  return report(difference, { pruned: removed, isDone: true }, args, remarks);
}

function differenceOf({ config }: Configuration, { required, scanned }: ProjectNeeds): Difference {
  const isUnused = ({ name, line, uses }: RequiredName): boolean =>
    line !== undefined && uses.length === 0 && (config.refs.get(name)?.usedBy ?? []).length === 0;
  return {
    lacking: required.filter(({ line }) => line === undefined),
    // Where no file refers to any secret, the template is not made from them.
    unused: scanned.uses.length === 0 ? [] : required.filter(isUnused),
  };
}

/** What about the files is to be seen to. */
interface Remarks {
  readonly findings: readonly Finding[];
  /** Something in them may have been missed. */
  readonly isPartial: boolean;
}

function tell(configuration: Configuration, { scanned }: ProjectNeeds, args: Arguments): Remarks {
  const valued = parseTemplate(readTemplate(configuration) ?? "").flatMap(({ line, name, hasValue }) =>
    name !== undefined && hasValue ? [valueWarning(line, name)] : [],
  );
  const findings = [...scanned.findings, ...faultyLines(configuration), ...valued];
  if (!args.flag("json")) for (const { severity, message } of findings) say(`mxm-secrets: ${severity}: ${message}`);
  return { findings, isPartial: scanned.findings.some(({ severity }) => severity === "problem") };
}

/** Without line numbers, which would be stale with the next change of the file. A file's name may hold a line break. */
function usersByName(names: readonly RequiredName[]): ReadonlyMap<string, readonly string[]> {
  return new Map(names.map(({ name, uses }) => [name, [...new Set(uses.map(placeWithoutLine))].slice(0, 4)]));
}

function placeWithoutLine(use: ProjectUse): string {
  return singleLine(describePlace(use).replace(/:\d+$/, ""));
}

function canonicalNames(names: readonly RequiredName[]): readonly string[] {
  return names.map(({ name }) => name);
}

function report(
  { lacking, unused }: Difference,
  { pruned, isDone }: { readonly pruned: readonly RequiredName[]; readonly isDone: boolean },
  args: Arguments,
  { findings, isPartial }: Remarks,
): number {
  const left = unused.filter((each) => !pruned.includes(each));
  const isStale = lacking.length > 0 || pruned.length > 0;
  if (args.flag("json")) {
    writeJson({
      stale: isStale && !isDone,
      added: lacking.map(({ name, uses }) => ({ name, uses })),
      removed: canonicalNames(pruned),
      unused: canonicalNames(left),
      findings,
    });
  } else {
    const verb = isDone ? "" : "would have ";
    for (const { name, uses } of lacking) {
      say(`${verb}added ${environmentName(name)}: ${describePlaces(uses).join(", ")}`);
    }
    for (const { name, hasRef } of pruned) {
      say(`${verb}removed ${environmentName(name)}${hasRef ? `; its value stays: mxm-secrets rm ${name}` : ""}`);
    }
    for (const { name, line } of left) {
      say(`${templateName}:${line}: no file refers to ${environmentName(name)}; --prune removes the line`);
    }
  }
  return !isDone && (isStale || isPartial) ? 7 : 0;
}

function questionOf(names: readonly RequiredName[]): string {
  const count = names.length === 1 ? "this name" : `these ${names.length} names`;
  return `remove ${count} from the template: ${names.map(({ name }) => environmentName(name)).join(", ")}?`;
}
