import { outcomeOf, outcomes } from "../delivery/import/outcome.js";
import type { ImportWishes, Outcome } from "../delivery/import/outcome.js";
import { IntegrityError, InvalidInputError, isSecretsError, quote } from "../errors.js";
import type { Session } from "./session.js";
import { requireTaken } from "./takes-value.js";
import { say } from "./terminal.js";

/** A value on its way into a store. */
export interface ImportItem {
  readonly name: string;
  readonly value: Uint8Array;
  /** Where it stands in the file it comes from. */
  readonly line?: number;
  /** Since when it is so where it comes from, in milliseconds since the epoch. */
  readonly lastChanged?: number | undefined;
}

export interface ImportResult {
  readonly name: string;
  readonly line?: number | undefined;
  readonly outcome: Outcome;
}

export interface ImportPlan extends ImportWishes {
  readonly dryRun: boolean;
  /** Writes down what names are in their store for sure now. */
  readonly settle: (names: readonly string[]) => Promise<void>;
}

/** What an import needs of a session. */
export interface ImportSession extends Pick<Session, "ask" | "requireAllowed"> {
  readonly api: Pick<Session["api"], "openSecrets" | "setSecret">;
  readonly config: Pick<Session["config"], "refs" | "stores">;
}

const inStore: readonly Outcome[] = ["new", "overwritten", "unchanged"];

/** Whether the store holds the imported value. */
export function isInStore({ outcome }: ImportResult): boolean {
  return inStore.includes(outcome);
}

/**
 * Stores values. Everything is authorized and compared with what is there before the first is written; each is durable
 * before the next, and all are read back and compared. A run that was stopped is finished by another.
 *
 * @param session - one whose configuration has a ref for every name
 * @throws AccessDeniedError before anything is written; IntegrityError when a store gives back something else
 */
export async function importValues(
  session: ImportSession,
  items: readonly ImportItem[],
  plan: ImportPlan,
): Promise<readonly ImportResult[]> {
  for (const { name } of items) await session.requireAllowed(name, "write");
  const present = await session.api.openSecrets(items.map(({ name }) => session.ask(name)));
  const decided = items.map((item, index) => ({
    item,
    outcome: outcomeOf(item.value, present[index]?.bytes(), plan),
  }));
  const changing = decided.filter(({ outcome }) => outcome === "new" || outcome === "overwritten");
  for (const { item } of changing) requireStorable(item, session);
  const results = decided.map(({ item: { name, line }, outcome }) => ({ name, line, outcome }));
  if (plan.dryRun) return results;
  const stored = decided.filter(({ outcome }) => outcome === "unchanged").map(({ item }) => item);
  let failure: unknown;
  for (const { item } of changing) {
    try {
      const { name, value, lastChanged } = item;
      await session.api.setSecret({ ...session.ask(name), value, lastChanged });
    } catch (thrown) {
      failure = named(item.name, thrown);
      break;
    }
    stored.push(item);
  }
  await verify(session, stored);
  await plan.settle(stored.map(({ name }) => name));
  if (failure !== undefined) throw failure;
  return results;
}

/** Tells a person what became of every value: a line for each that needs attention, and the numbers. */
export function tellOutcomes(results: readonly ImportResult[], from: string, dryRun: boolean): void {
  for (const { name, outcome } of results.filter((result) => !isInStore(result))) {
    say(`mxm-secrets: ${name}: ${outcomes[outcome]}`);
  }
  const counts = Object.entries(outcomes).flatMap(([outcome, words]) => {
    const count = results.filter((result) => result.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  const nothing = counts.length === 0 ? "nothing to import" : counts.join(", ");
  say(`mxm-secrets: ${from}: ${nothing}${dryRun ? "; nothing was written (--dry-run)" : ""}`);
}

/** @throws InvalidInputError when the store kept values that are not those of the source */
export function requireNoneKept(results: readonly ImportResult[]): void {
  const kept = results.filter(({ outcome }) => outcome === "kept").map(({ name }) => quote(name));
  if (kept.length === 0) return;
  throw new InvalidInputError(`the store has another value of ${kept.join(", ")} and keeps it`, {
    hint: "--overwrite stores the imported value; `mxm-secrets get NAME` shows the present one",
  });
}

function requireStorable({ name, value }: ImportItem, { config }: ImportSession): void {
  try {
    requireTaken(name, config, value);
  } catch (thrown) {
    throw named(name, thrown);
  }
}

/** Of many values, the one that a store does not take has to be known. */
function named(name: string, thrown: unknown): unknown {
  if (!isSecretsError(thrown) || thrown.code !== "invalid_input") return thrown;
  const { message, hint } = thrown;
  return new InvalidInputError(`${quote(name)} cannot be stored: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: thrown,
  });
}

async function verify(session: ImportSession, items: readonly ImportItem[]): Promise<void> {
  if (items.length === 0) return;
  const found = await session.api.openSecrets(items.map(({ name }) => session.ask(name)));
  const different = items.filter(({ value }, index) => {
    const bytes = found[index]?.bytes();
    return bytes === undefined || !Buffer.from(bytes).equals(value);
  });
  if (different.length === 0) return;
  throw new IntegrityError(
    `the store gives back something else for ${different.map(({ name }) => quote(name)).join(", ")}`,
    {
      hint: "the source is untouched; look at the store with `mxm-secrets check`",
    },
  );
}
