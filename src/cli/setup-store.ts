import type { Arguments } from "./arguments.js";
import { storeValue } from "./setup-plan.js";
import type { SetupPlan, SetupTask } from "./setup-plan.js";
import { requireTaken } from "./takes-value.js";

/** What became of values that were given. */
export interface StoredValues {
  readonly stored: readonly string[];
  readonly unchanged: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Stores given values one by one, each durable before the next: what is killed is finished by the same call again. A
 * name that has another value keeps it, unless `--force` says otherwise.
 *
 * @throws AccessDeniedError before the first is stored, when one of them may not be written
 */
export async function storeGiven(
  plan: SetupPlan,
  values: ReadonlyMap<string, Uint8Array>,
  args: Arguments,
): Promise<StoredValues> {
  const { session } = plan;
  const given = plan.tasks.flatMap((task) => {
    const value = values.get(task.name);
    return value === undefined ? [] : [{ task, value }];
  });
  const present = await presentValues(
    plan,
    given.map(({ task }) => task),
  );
  const unchanged = given.filter(({ task, value }) => present.get(task.name)?.equals(value) === true);
  const changing = given.filter((each) => !unchanged.includes(each));
  const isKept = ({ task }: { readonly task: SetupTask }): boolean =>
    !args.flag("force") && (task.state === "set" || task.state === "unknown");
  const storing = changing.filter((each) => !isKept(each));
  for (const { task } of storing) await session.requireAllowed(task.name, "write");
  for (const { task, value } of storing) requireTaken(task.name, session.config, value);
  for (const { task, value } of storing) await storeValue(session, task, value, args);
  return {
    stored: storing.map(({ task }) => task.name),
    unchanged: unchanged.map(({ task }) => task.name),
    kept: changing.filter(isKept).map(({ task }) => task.name),
  };
}

/** The values that are there, as far as this caller may read them. */
async function presentValues(
  { session }: SetupPlan,
  tasks: readonly SetupTask[],
): Promise<ReadonlyMap<string, Buffer>> {
  const readable = tasks.filter(
    ({ name, state }) => state === "set" && session.api.explain(session.ask(name)).decision.verdict === "allow",
  );
  const secrets = await session.api.openSecrets(readable.map(({ name }) => session.ask(name)));
  return new Map(
    readable.flatMap(({ name }, index) => {
      const secret = secrets[index];
      return secret === undefined ? [] : [[name, Buffer.from(secret.bytes())]];
    }),
  );
}
