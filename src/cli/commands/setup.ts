import { environmentName } from "../../domain/names.js";
import { InvalidInputError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import { requireSession } from "../session.js";
import { readGiven } from "../setup-input.js";
import type { GivenValues } from "../setup-input.js";
import { isWanting, planSetup } from "../setup-plan.js";
import type { SetupPlan, SetupTask } from "../setup-plan.js";
import { canPrompt, say, writeJson } from "../terminal.js";

/** What became of the required names, in their canonical form. */
interface Outcome {
  /** Have a new value. */
  readonly stored: readonly string[];
  /** Were given the value they have. */
  readonly unchanged?: readonly string[];
  /** Were given another value than they have, which they keep. */
  readonly kept?: readonly string[];
  readonly denied?: readonly string[];
  readonly given?: GivenValues;
}

/**
 * `setup`: gets a value for every name the project requires, from hidden prompts, an env file or standard input.
 *
 * @returns 0 when every required name has a value, else the gravest of 3 (one may not be written), 4 (a store could not
 *   be asked) and 1
 */
export async function run(args: Arguments): Promise<number> {
  const plan = await planSetup(await requireSession(args), args);
  const given = readGiven(args, new Set(plan.tasks.map(({ name }) => name)));
  const outcome = given === undefined ? await ask(plan, args) : await take(plan, given, args);
  return summarize(plan, outcome, args);
}

async function ask(plan: SetupPlan, args: Arguments): Promise<Outcome> {
  const tasks = plan.tasks.filter((task) => isWanting(task) && task.elsewhere === undefined);
  if (tasks.length === 0) return { stored: [] };
  if (!canPrompt() || args.flag("json")) {
    throw new InvalidInputError(`there is no terminal to ask on, and no value for ${namesOf(tasks)}`, {
      hint: "give them with --from FILE, or as NAME=value lines with --stdin",
    });
  }
  const { askForValues } = await import("../setup-ask.js");
  return askForValues(plan, tasks, args);
}

async function take(plan: SetupPlan, given: GivenValues, args: Arguments): Promise<Outcome> {
  const { storeGiven } = await import("../setup-store.js");
  return { ...(await storeGiven(plan, given.values, args)), given };
}

function summarize({ tasks }: SetupPlan, outcome: Outcome, args: Arguments): number {
  const { stored, unchanged = [], kept = [], denied = [], given } = outcome;
  const isOpen = (task: SetupTask): boolean => isWanting(task) && !stored.includes(task.name);
  const missing = tasks.filter(isOpen);
  const unknown = tasks.filter(({ state }) => state === "unknown");
  if (args.flag("json")) {
    writeJson({
      stored,
      unchanged,
      kept,
      missing: canonicalNames(missing),
      unknown: canonicalNames(unknown),
      unfilled: given?.unfilled ?? [],
      others: given?.others ?? [],
    });
  } else {
    const lines: readonly (readonly [string, readonly string[]])[] = [
      ["stored", stored.map(environmentName)],
      ["already there", unchanged.map(environmentName)],
      ["not replaced, because another value is there (--force replaces it)", kept.map(environmentName)],
      ["left out, because it is empty or a placeholder", (given?.unfilled ?? []).map(environmentName)],
      ["left out, because nothing here requires it", given?.others ?? []],
    ];
    for (const [what, names] of lines) if (names.length > 0) say(`${what}: ${names.join(", ")}`);
    for (const task of missing)
      if (task.elsewhere !== undefined) say(`${environmentName(task.name)}: ${task.elsewhere}`);
    if (missing.length > 0) say(`still missing: ${namesOf(missing)}`);
    if (unknown.length > 0) say(`not known, because the store could not be asked: ${namesOf(unknown)}`);
    if (missing.length + unknown.length === 0) say(completeness(tasks.length));
  }
  if (denied.length > 0) return 3;
  if (unknown.length > 0) return 4;
  return missing.length > 0 ? 1 : 0;
}

function completeness(count: number): string {
  if (count === 0) return "nothing here requires a secret: no name in the template `secrets`, no reference in a file";
  return count === 1 ? "the required name has a value" : `all ${count} required names have values`;
}

function namesOf(tasks: readonly SetupTask[]): string {
  return tasks.map(({ name }) => environmentName(name)).join(", ");
}

function canonicalNames(tasks: readonly SetupTask[]): readonly string[] {
  return tasks.map(({ name }) => name);
}
