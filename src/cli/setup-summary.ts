import type { Finding } from "../backends/contract.js";
import { environmentName } from "../domain/names.js";
import type { Arguments } from "./arguments.js";
import type { GivenValues } from "./setup-input.js";
import { isSettable, isWanting } from "./setup-plan.js";
import type { SetupPlan, SetupTask } from "./setup-plan.js";
import { say, writeJson } from "./terminal.js";

/** What became of the required names, in their canonical form. */
export interface SetupOutcome {
  /** Have a new value. */
  readonly stored: readonly string[];
  /** Were given the value they have. */
  readonly unchanged?: readonly string[];
  /** Were given another value than they have, which they keep, or may have, when their store could not be asked. */
  readonly kept?: readonly string[];
  readonly denied?: readonly string[];
  readonly given?: GivenValues;
}

/** The exit code of a state that a store is in. */
const codes = { absent: 1, configuration: 2, unavailable: 4, locked: 5, integrity: 6 } as const satisfies Record<
  NonNullable<Finding["code"]>,
  number
>;
const fromGravest = [6, 5, 3, 4, 2, 1];

/** Says what became of each name. @returns the exit code: 0 when every required name has a value, else the gravest */
export function summarize({ tasks, problems }: SetupPlan, outcome: SetupOutcome, args: Arguments): number {
  const missing = tasks.filter((task) => isWanting(task) && !outcome.stored.includes(task.name));
  const unknown = tasks.filter(({ state, name }) => state === "unknown" && !outcome.stored.includes(name));
  const stuck = [...missing.filter((task) => task.elsewhere === undefined && !isSettable(task)), ...unknown];
  if (args.flag("json")) writeJson({ ...asData(outcome, missing, unknown), problems });
  else tell(outcome, { missing, unknown, stuck, tasks, problems });
  const found = new Set<number>([
    ...stuck.map(({ trouble }) => codes[trouble?.code ?? "unavailable"]),
    ...(outcome.denied ?? []).map(() => 3),
    ...missing.map(() => 1),
  ]);
  return fromGravest.find((code) => found.has(code)) ?? 0;
}

/** Names for a person, as templates write them. */
export function namesOf(tasks: readonly SetupTask[]): string {
  return tasks.map(({ name }) => environmentName(name)).join(", ");
}

function asData(
  { stored, unchanged = [], kept = [], denied = [], given }: SetupOutcome,
  missing: readonly SetupTask[],
  unknown: readonly SetupTask[],
) {
  return {
    stored,
    unchanged,
    kept,
    denied,
    missing: missing.map(({ name }) => name),
    unknown: unknown.map(({ name }) => name),
    unfilled: given?.unfilled ?? [],
    others: given?.others ?? [],
  };
}

/** The tasks by what became of them. */
interface Sorted extends Pick<SetupPlan, "tasks" | "problems"> {
  readonly missing: readonly SetupTask[];
  readonly unknown: readonly SetupTask[];
  /** Of both, those whose store has to be seen to first. */
  readonly stuck: readonly SetupTask[];
}

function tell(
  { stored, unchanged = [], kept = [], given }: SetupOutcome,
  { missing, unknown, stuck, tasks, problems }: Sorted,
): void {
  for (const { message } of problems) say(`mxm-secrets: problem: ${message}`);
  const unasked = new Set(unknown.map(({ name }) => name));
  const [differing, uncertain] = [kept.filter((name) => !unasked.has(name)), kept.filter((name) => unasked.has(name))];
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["stored", stored.map(environmentName)],
    ["already there", unchanged.map(environmentName)],
    ["not replaced, because another value is there (--force replaces it)", differing.map(environmentName)],
    ["not stored, because a value may be there (--force stores it)", uncertain.map(environmentName)],
    ["left out, because it is empty or a placeholder", (given?.unfilled ?? []).map(environmentName)],
    ["left out, because nothing here requires it", given?.others ?? []],
  ];
  for (const [what, names] of lists) if (names.length > 0) say(`${what}: ${names.join(", ")}`);
  for (const { name, elsewhere } of missing) if (elsewhere !== undefined) say(`${environmentName(name)}: ${elsewhere}`);
  for (const message of new Set(stuck.flatMap(({ trouble }) => trouble?.message ?? []))) say(`mxm-secrets: ${message}`);
  if (missing.length > 0) say(`still missing: ${namesOf(missing)}`);
  if (unknown.length > 0) say(`not known, because the store could not be asked: ${namesOf(unknown)}`);
  if (missing.length + unknown.length === 0) say(completeness(tasks.length));
}

function completeness(count: number): string {
  if (count === 0) {
    return "nothing here requires a secret: no name in the template `secrets`, no reference in a file; `mxm-secrets check` says which configured names have no value";
  }
  return count === 1 ? "the required name has a value" : `all ${count} required names have values`;
}
