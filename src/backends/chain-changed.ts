import { UnavailableError } from "../errors.js";
import type { UnavailableReason } from "../errors.js";
import type { BackendCall, OpenedStore } from "./contract.js";
import { guard } from "./read-all.js";

/**
 * When values of a chain were written, each by the member that answers for it. A member that holds a value and does not
 * know its age, or does not say whether it holds it, leaves the time unknown: the value of a later member is not the one
 * that is read.
 */
export async function changedInMembers(
  members: readonly OpenedStore[],
  paths: readonly string[],
  call: BackendCall,
  isPassedOver: (reason: UnavailableReason) => boolean,
): Promise<ReadonlyMap<string, number | undefined>> {
  const changed = new Map<string, number | undefined>();
  for (const member of members) {
    const pending = paths.filter((path) => !changed.has(path) && member.definition.paths.fault(path) === undefined);
    if (pending.length === 0) continue;
    try {
      const held = await guard(member, () => heldBy(member, pending, call, isPassedOver));
      for (const [path, time] of held) changed.set(path, time);
    } catch (error) {
      if (!(error instanceof UnavailableError && isPassedOver(error.reason))) throw error;
    }
  }
  return changed;
}

/** Presence is asked of `check`: a list may spell a path in another way than it is looked for. */
async function heldBy(
  { backend }: OpenedStore,
  paths: readonly string[],
  call: BackendCall,
  isPassedOver: (reason: UnavailableReason) => boolean,
): Promise<ReadonlyMap<string, number | undefined>> {
  if (backend.changed !== undefined) return backend.changed(paths, call);
  const report = await backend.check?.(paths, call, new Map());
  if (report?.findings.some(({ unavailable }) => unavailable !== undefined && isPassedOver(unavailable)) === true) {
    return new Map();
  }
  const held = paths.filter((path) => report?.presence.get(path) !== "absent");
  return new Map(held.map((path) => [path, undefined]));
}
