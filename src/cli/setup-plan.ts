import type { Finding } from "../backends/contract.js";
import { builtInBackends } from "../backends/registry.js";
import type { SecretRef } from "../domain/ref.js";
import type { CheckReport } from "../resolution/check.js";
import type { Arguments } from "./arguments.js";
import { nameIt, newRef } from "./new-ref.js";
import { projectNeeds, stateOf } from "./project-state.js";
import type { NameState, RequiredName } from "./project-state.js";
import type { Session } from "./session.js";
import { faultyLines } from "./template.js";

/** One required name, and what can be done about it. */
export interface SetupTask extends RequiredName {
  readonly state: NameState;
  /** Where its value is or will be kept. */
  readonly ref: SecretRef;
  /** What is wrong with its store, before all what keeps it from being opened or reached. */
  readonly trouble: Finding | undefined;
  /** How its value gets into a store that this program only reads; `undefined` when it can be set here. */
  readonly elsewhere: string | undefined;
}

/** What `setup` works through. */
export interface SetupPlan {
  /** With the refs of new names, which the configuration does not have yet. */
  readonly session: Session;
  readonly tasks: readonly SetupTask[];
  /** Why there may be names that nobody could read: faulty lines, files that could not be looked at. */
  readonly problems: readonly Finding[];
}

/**
 * Finds out what a project needs and what of it has a value; changes nothing.
 *
 * @throws ConfigurationError when a new name has no store or policy to go to
 */
export async function planSetup(session: Session, args: Arguments): Promise<SetupPlan> {
  const { required, scanned } = await projectNeeds(session);
  let planned = session;
  for (const { name } of required) {
    if (!planned.config.refs.has(name)) planned = planned.withRef(newRef(name, planned, args));
  }
  const report = await planned.api.check({ identity: session.identity });
  const tasks = required.flatMap((need): readonly SetupTask[] => {
    const ref = planned.config.refs.get(need.name);
    if (ref === undefined) return [];
    const isNew = !session.config.refs.has(need.name);
    const found = stateOf(need.name, report);
    const state = isNew && found !== "unknown" ? "unconfigured" : found;
    return [{ ...need, ref, state, trouble: troubleOf(ref, report), elsewhere: elsewhere(planned, ref, report) }];
  });
  const problems = [...scanned.findings.filter(isProblem), ...faultyLines(session)];
  return { session: planned, tasks, problems };
}

/** Whether a value is to be had for it. */
export function isWanting({ state }: SetupTask): boolean {
  return state === "missing" || state === "unconfigured";
}

/** Whether its store takes a value now: one that cannot be opened or reached refuses what somebody has just typed. */
export function isSettable({ elsewhere: otherWay, trouble }: Pick<SetupTask, "elsewhere" | "trouble">): boolean {
  return otherWay === undefined && !isClosed(trouble);
}

/** Stores one value; a new name is written down once its value is durable. */
export async function storeValue(
  session: Session,
  { name, ref, state }: SetupTask,
  value: Uint8Array,
  args: Arguments,
) {
  await session.api.setSecret({ ...session.ask(name), value });
  if (state === "unconfigured") await nameIt(ref, session.file, args);
}

function troubleOf({ store }: SecretRef, { stores }: CheckReport): Finding | undefined {
  const problems = stores.find(({ name }) => name === store)?.findings.filter(isProblem) ?? [];
  return problems.find(isClosed) ?? problems[0];
}

/** Of the whole store. Other problems are those of single entries, which keep nobody from the rest. */
function isClosed(trouble: Finding | undefined): boolean {
  return trouble?.code === "locked" || trouble?.code === "unavailable";
}

function isProblem({ severity }: Finding): boolean {
  return severity === "problem";
}

function elsewhere({ config }: Session, { name, store }: SecretRef, { refs }: CheckReport): string | undefined {
  const { backend, options = {} } = config.stores.get(store) ?? {};
  const definition = builtInBackends.find(({ kind }) => kind === backend);
  const receivers = Object.entries(definition?.options ?? {}).filter(([, { type }]) => type === "store");
  // A chain is as writable as the member it names for that.
  const isWritable = definition?.can.write === true && receivers.every(([option]) => options[option] !== undefined);
  if (isWritable) return undefined;
  const hint = refs.find((ref) => ref.name === name)?.findings.find((finding) => finding.hint !== undefined)?.hint;
  return hint ?? `add it to the store ${store}, which this program only reads`;
}
