import { environmentName } from "../domain/names.js";
import { AccessDeniedError, UnsupportedError } from "../errors.js";
import type { Arguments } from "./arguments.js";
import { describePlaces } from "./project-state.js";
import { askHidden, hideTyping } from "./prompt.js";
import { isPlaceholder } from "./setup-input.js";
import { storeValue } from "./setup-plan.js";
import type { SetupPlan, SetupTask } from "./setup-plan.js";
import { requireTaken } from "./takes-value.js";
import { say } from "./terminal.js";

/** What became of the names that were asked for. */
export interface AskedValues {
  readonly stored: readonly string[];
  readonly denied: readonly string[];
}

/**
 * Asks for one value after the other, and stores each before the next question: whoever stops has lost nothing.
 *
 * @throws InterruptedError on Ctrl-C, and what else `askHidden` and the store throw; the message says what is kept
 */
export async function askForValues(
  plan: SetupPlan,
  tasks: readonly SetupTask[],
  args: Arguments,
): Promise<AskedValues> {
  const stored: string[] = [];
  const denied: string[] = [];
  say("Type or paste each value; nothing of it is shown. Enter alone leaves one out, Ctrl-C stops.");
  await hideTyping(async () => {
    for (const [index, task] of tasks.entries()) {
      introduce(task, `${index + 1} of ${tasks.length}`);
      if (!(await isAllowed(plan, task))) {
        denied.push(task.name);
        continue;
      }
      const kept = `${stored.length} of ${tasks.length} values were stored, and \`mxm-secrets setup\` asks for the rest`;
      const value = await askOne(kept);
      if (value === undefined) continue;
      await storeValue(plan.session, task, value, args);
      stored.push(task.name);
    }
  });
  return { stored, denied };
}

function introduce({ name, comments, uses, ref }: SetupTask, place: string): void {
  say("");
  say(`${environmentName(name)} (${place})`);
  for (const comment of comments) say(`  ${comment}`);
  if (ref.description !== undefined) say(`  ${ref.description}`);
  for (const used of describePlaces(uses)) say(`  used by ${used}`);
}

/** A refusal is put on record and said; it keeps nobody from the other names. */
async function isAllowed({ session }: SetupPlan, { name }: SetupTask): Promise<boolean> {
  try {
    await session.requireAllowed(name, "write");
    requireTaken(name, session.config);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof AccessDeniedError || thrown instanceof UnsupportedError)) throw thrown;
    say(`  not asked for: ${thrown.message}`);
    return false;
  }
}

/** @returns `undefined` for Enter alone */
async function askOne(kept: string): Promise<Uint8Array | undefined> {
  let previous: Uint8Array | undefined;
  for (;;) {
    const value = await askHidden("  value", kept);
    if (value.length === 0) {
      say("  left out");
      return undefined;
    }
    const isMeant = previous !== undefined && Buffer.from(previous).equals(value);
    if (isMeant || !isPlaceholder(value)) {
      if (/^\s|\s$/.test(Buffer.from(value).toString("latin1")))
        say("  begins or ends with white space, which is kept");
      return value;
    }
    say("  that looks like a placeholder: enter the real value, or the same again to store it all the same");
    previous = value;
  }
}
