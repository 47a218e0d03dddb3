import { quote, throwIfCancelled, UnavailableError } from "../errors.js";
import type { UnavailableReason } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import type { BackendCall, OpenedStore } from "./contract.js";
import { callWithin, readAll } from "./read-all.js";

/** A chain as it is configured, opened. */
export interface Chain {
  readonly name: string;
  readonly members: readonly OpenedStore[];
  /** Whether a member that cannot answer is passed over for this reason. */
  readonly passesOver: (reason: UnavailableReason) => boolean;
}

interface Pending {
  readonly grant: Grant;
  readonly index: number;
  readonly path: string;
}

/**
 * Asks the members one after the other, each for what those before it did not have, and says of each how it went.
 *
 * @returns the values in the order asked
 * @throws what stops the chain: a member that is denied, locked, out of reach or corrupt
 * @throws UnavailableError when no member could be asked for a value: nobody has said that it is absent
 */
export async function readFromMembers(
  chain: Chain,
  grants: readonly Grant[],
  call: BackendCall,
): Promise<readonly (Uint8Array | undefined)[]> {
  const values: (Uint8Array | undefined)[] = grants.map(() => undefined);
  const answered = new Set<number>();
  const unavailable: UnavailableError[] = [];
  let pending: readonly Pending[] = grants.map((grant, index) => ({
    grant,
    index,
    path: grantedAccess(grant, "read").path,
  }));
  for (const [position, member] of chain.members.entries()) {
    throwIfCancelled(call.signal);
    if (pending.length === 0) {
      say(member, "not asked", call);
      continue;
    }
    const asked = pending.filter(({ path }) => member.definition.paths.fault(path) === undefined);
    if (asked.length < pending.length) say(member, cannotHold(member, pending, asked), call);
    if (asked.length === 0) continue;
    const answers = await askMember(chain, position, asked, call);
    if (answers instanceof UnavailableError) {
      unavailable.push(answers);
      continue;
    }
    for (const [at, { index }] of asked.entries()) {
      values[index] = answers[at];
      answered.add(index);
    }
    const found = answers.filter((answer) => answer !== undefined).length;
    say(member, asked.length === 1 ? (found === 1 ? "found" : "absent") : `${found} of ${asked.length} found`, call);
    pending = pending.filter(({ index }) => values[index] === undefined);
  }
  if (unavailable.length > 0 && pending.some(({ index }) => !answered.has(index)))
    throw nobodyAsked(chain.name, unavailable);
  return values;
}

/** @returns the answers, or why the member is passed over */
async function askMember(
  chain: Chain,
  position: number,
  asked: readonly Pending[],
  call: BackendCall,
): Promise<readonly (Uint8Array | undefined)[] | UnavailableError> {
  const [member, ...later] = chain.members.slice(position);
  if (member === undefined) return [];
  try {
    const grants = asked.map(({ grant }) => grant);
    return await readAll(member, grants, callWithin(member.name, call));
  } catch (error) {
    if (error instanceof UnavailableError && chain.passesOver(error.reason)) {
      const skipped = error.reason === "unreachable" ? " (if_unavailable: skip)" : "";
      say(member, `passed over${skipped}, ${error.message}`, call);
      return error;
    }
    say(member, `stops the chain, ${error instanceof Error ? error.message : "it failed"}`, call);
    for (const one of later) say(one, "not asked", call);
    const { stoppedAt } = await import("./chain-stop.js");
    throw stoppedAt(chain.name, member, error, later.length > 0);
  }
}

function say({ name, definition }: OpenedStore, what: string, call: BackendCall): void {
  call.trace?.(`${name} (${definition.kind}): ${what}`);
}

function cannotHold({ definition }: OpenedStore, pending: readonly Pending[], asked: readonly Pending[]): string {
  const left = pending.filter((one) => !asked.includes(one));
  const fault = definition.paths.fault(left[0]?.path ?? "") ?? "";
  return `passed over${asked.length === 0 ? "" : ` for ${left.length} of ${pending.length}`}, it cannot hold ${quote(left[0]?.path ?? "")}: ${fault}`;
}

/** Of a reason that a chain around this one passes over, too: what this one may go on without, that one may. */
export function nobodyAsked(
  chain: string,
  errors: readonly Pick<UnavailableError, "message" | "reason">[],
): UnavailableError {
  const isInstalled = errors.some(({ reason }) => reason !== "not_installed");
  return new UnavailableError(`no store of the chain ${quote(chain)} could be asked`, {
    reason: isInstalled ? "not_initialised" : "not_installed",
    hint: errors.map(({ message }) => message).join("; "),
  });
}
