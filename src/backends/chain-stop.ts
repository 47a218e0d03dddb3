import { AccessDeniedError, IntegrityError, LockedError, quote, UnavailableError } from "../errors.js";
import type { OpenedStore } from "./contract.js";

/** Those that a chain within another has spoken about already. */
const told = new WeakSet<Error>();

/**
 * The error of a member that stops its chain, with a hint that says so and how to go on: who asks a chain sees the name of
 * no member, and must not find out by a value from elsewhere.
 *
 * @param hasLater - whether there are members that are not asked for that reason
 */
export function stoppedAt(chain: string, { name }: OpenedStore, error: unknown, hasLater: boolean): unknown {
  if (!(error instanceof Error) || told.has(error) || !hasLater) return error;
  const isOut = error instanceof UnavailableError;
  const way = isOut
    ? `\`if_unavailable: skip\` in stores.${chain} passes it over`
    : `to go on without it, leave it out of stores.${chain}.stores, for this machine in mxm-secrets.local.yaml`;
  const wrapped = withHint(
    error,
    `the chain ${quote(chain)} stops at ${quote(name)}, and no later store is used; ${way}`,
  );
  if (wrapped !== undefined) told.add(wrapped);
  return wrapped ?? error;
}

/** The same error, with more to say; `undefined` for one of another kind. */
function withHint(error: Error, more: string): Error | undefined {
  if (error instanceof UnavailableError) {
    return new UnavailableError(error.message, { ...detailsOf(error, more), reason: error.reason });
  }
  if (error instanceof AccessDeniedError) {
    const { decision } = error;
    return new AccessDeniedError(error.message, {
      ...detailsOf(error, more),
      ...(decision === undefined ? {} : { decision }),
    });
  }
  if (error instanceof LockedError) return new LockedError(error.message, detailsOf(error, more));
  return error instanceof IntegrityError ? new IntegrityError(error.message, detailsOf(error, more)) : undefined;
}

function detailsOf(error: Error & { readonly hint: string | undefined }, more: string) {
  return { cause: error, hint: error.hint === undefined ? more : `${error.hint}; ${more}` };
}
