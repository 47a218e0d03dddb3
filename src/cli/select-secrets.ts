import { AbsentError, quote, UnknownNameError } from "../errors.js";
import { canonicalSecretName, nearest } from "../domain/names.js";
import type { Secret } from "../domain/secret.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import type { Session } from "./session.js";

/** What was asked for: names that somebody wrote down, or whatever the policies give. */
export interface Selection {
  readonly names: readonly string[];
  /** `only` and `for` name secrets that must all be there; `all` takes what there is. */
  readonly by: "only" | "for" | "all";
}

/**
 * The names that `--only`, `--for` or `--all` select. Touches no store.
 *
 * @throws InvalidInputError unless exactly one of the three was given
 */
export function selectNames(session: Session, args: Arguments): Selection {
  const only = args.optionList("only").flatMap((list) => list.split(","));
  const user = args.option("for");
  const ways = [only.length > 0, user !== undefined, args.flag("all")];
  if (ways.filter(Boolean).length !== 1) {
    throw misuse(args.command, "say which secrets: one of --only NAME,…, --for USER and --all");
  }
  if (only.length > 0) {
    return { by: "only", names: [...new Set(only.map((name) => canonicalSecretName(name.trim())))] };
  }
  return user === undefined
    ? { by: "all", names: allowedNames(session) }
    : { by: "for", names: namesFor(session, user) };
}

/** Every configured name this caller may read, in the order of the configuration. */
export function allowedNames({ config, api, ask }: Session): readonly string[] {
  return api.allowed([...config.refs.values()].map(({ name }) => ask(name)));
}

/** Every named secret, or none: one that is denied or absent refuses them all. */
export async function openEach(session: Session, names: readonly string[], then: string): Promise<readonly Secret[]> {
  const secrets = await session.api.openSecrets(names.map((name) => session.ask(name)));
  return secrets.map((secret, index) => {
    if (secret !== undefined) return secret;
    throw new AbsentError(`${quote(names[index] ?? "")} has no value; ${then}`);
  });
}

function namesFor({ config }: Session, user: string): readonly string[] {
  const refs = [...config.refs.values()].filter(({ usedBy }) => usedBy?.includes(user) === true);
  if (refs.length > 0) return refs.map(({ name }) => name);
  const users = [...new Set([...config.refs.values()].flatMap(({ usedBy }) => usedBy ?? []))];
  const suggestion = nearest(user, users);
  throw new UnknownNameError(`no secret is used by ${quote(user)}`, {
    hint: suggestion === undefined ? "`used_by:` of a ref names its users" : `did you mean ${quote(suggestion)}?`,
  });
}
