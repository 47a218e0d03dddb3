import { UnavailableError } from "../errors.js";
import type { Chain } from "./chain-read.js";
import type { BackendCall, OpenedStore } from "./contract.js";
import { callWithin, guard } from "./read-all.js";

/** Every path of a member that can list, sorted. What a reader passes over is passed over here, and said so. */
export async function listMembers({ members, passesOver }: Chain, call: BackendCall): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const member of members) {
    try {
      for (const path of await listOf(member, call)) paths.add(path);
    } catch (error) {
      if (!(error instanceof UnavailableError && passesOver(error.reason))) throw error;
      call.trace?.(`${member.name} (${member.definition.kind}): passed over, ${error.message}`);
    }
  }
  return [...paths].toSorted();
}

async function listOf(member: OpenedStore, call: BackendCall): Promise<readonly string[]> {
  const list = member.backend.list?.bind(member.backend);
  if (list === undefined) {
    call.trace?.(`${member.name} (${member.definition.kind}): passed over, it cannot list its names`);
    return [];
  }
  return guard(member, () => list(callWithin(member.name, call)));
}
