import { InvalidInputError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import { requireSession } from "../session.js";
import { readGiven } from "../setup-input.js";
import type { GivenValues } from "../setup-input.js";
import { isSettable, isWanting, planSetup } from "../setup-plan.js";
import type { SetupPlan } from "../setup-plan.js";
import { namesOf, summarize } from "../setup-summary.js";
import type { SetupOutcome } from "../setup-summary.js";
import { canPrompt } from "../terminal.js";

/**
 * `setup`: gets a value for every name the project requires, from hidden prompts, an env file or standard input.
 *
 * @returns 0 when every required name has a value, else the gravest of 6, 5 and 4 (a store could not be asked), 3 (one
 *   may not be written) and 1 (one is missing)
 */
export async function run(args: Arguments): Promise<number> {
  const plan = await planSetup(await requireSession(args), args);
  const given = readGiven(args, new Set(plan.tasks.map(({ name }) => name)));
  const outcome = given === undefined ? await ask(plan, args) : await take(plan, given, args);
  return summarize(plan, outcome, args);
}

async function ask(plan: SetupPlan, args: Arguments): Promise<SetupOutcome> {
  const tasks = plan.tasks.filter((task) => isWanting(task) && isSettable(task));
  if (tasks.length === 0) return { stored: [] };
  if (!canPrompt() || args.flag("json")) {
    const why = canPrompt() ? "with --json nothing is asked" : "there is no terminal to ask on";
    throw new InvalidInputError(`${why}, and no value is there for ${namesOf(tasks)}`, {
      hint: "give them with --from FILE, or as NAME=value lines with --stdin",
    });
  }
  const { askForValues } = await import("../setup-ask.js");
  return askForValues(plan, tasks, args);
}

async function take(plan: SetupPlan, given: GivenValues, args: Arguments): Promise<SetupOutcome> {
  const { storeGiven } = await import("../setup-store.js");
  return { ...(await storeGiven(plan, given.values, args)), given };
}
