import type { Secret } from "../domain/secret.js";
import { AccessDeniedError, gravest, isSecretsError } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import type { Passed } from "../scan/value-marks.js";
import type { Arguments } from "./arguments.js";
import { allowedNames, selectNames } from "./select-secrets.js";
import type { Session } from "./session.js";

/** What can be looked for, and what cannot. */
export interface ScanValues {
  readonly secrets: readonly Secret[];
  /** Names nobody asked for that this caller may not read. */
  readonly denied: readonly Passed[];
  /** Names whose value could not be read: of these nobody can say whether they are there. */
  readonly failures: readonly { readonly name: string; readonly error: AnySecretsError }[];
  readonly worst: AnySecretsError | undefined;
}

/**
 * The values of `--only`, `--for` or `--all`; without any of the three, of all that this caller may read. A name without
 * a value has nothing to be found.
 *
 * @throws AccessDeniedError for a name that was asked for
 */
export async function readScanValues(session: Session, args: Arguments): Promise<ScanValues> {
  const isSelected = args.optionList("only").length > 0 || args.option("for") !== undefined || args.flag("all");
  const names = isSelected ? selectNames(session, args).names : allowedNames(session);
  const denied = isSelected ? [] : [...session.config.refs.keys()].filter((name) => !names.includes(name));
  const { secrets, failures } = await openAll(session, names);
  const refused = failures.find(({ error }) => error.code === "denied" || error.code === "unknown_name");
  if (refused !== undefined) throw refused.error;
  return {
    secrets,
    denied: denied.map((name) => ({ name, reason: "this caller may not read it" })),
    failures,
    worst: names.length === 0 && session.config.refs.size > 0 ? blind() : gravest(failures.map(({ error }) => error)),
  };
}

/** A scan that knows no value of a project that has some vouches for nothing. */
function blind(): AccessDeniedError {
  return new AccessDeniedError("the policies give this caller no secret, so that none was looked for", {
    hint: "`mxm-secrets explain NAME` shows why",
  });
}

type Opened = Pick<ScanValues, "secrets" | "failures">;

/** All at once; when that fails, store by store, and then one by one, to know which. */
async function openAll(session: Session, names: readonly string[]): Promise<Opened> {
  let error: AnySecretsError;
  try {
    const opened = await session.api.openSecrets(names.map((name) => session.ask(name)));
    return { secrets: opened.filter((secret) => secret !== undefined), failures: [] };
  } catch (thrown) {
    if (!isSecretsError(thrown) || thrown.code === "cancelled") throw thrown;
    error = thrown;
  }
  const storeOf = (name: string): string | undefined => session.config.refs.get(name)?.store;
  const stores = [...new Set(names.map(storeOf))];
  const isOfStore = stores.length === 1 && (error.code === "locked" || error.code === "unavailable");
  if (names.length === 1 || isOfStore) return { secrets: [], failures: names.map((name) => ({ name, error })) };
  const parts =
    stores.length > 1
      ? stores.map((store) => names.filter((name) => storeOf(name) === store))
      : names.map((name) => [name]);
  const each: Opened[] = [];
  for (const part of parts) each.push(await openAll(session, part));
  return { secrets: each.flatMap(({ secrets }) => secrets), failures: each.flatMap(({ failures }) => failures) };
}
