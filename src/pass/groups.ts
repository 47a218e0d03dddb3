import { runGpg } from "../gpg/program.js";
import type { GpgProgram } from "../gpg/program.js";

/**
 * The ids of a `.gpg-id` with each name of a group replaced by its members, as `pass` does: `group` of `gpg.conf`. An id
 * that looks like a key or an address is never taken for a group.
 */
export async function withoutGroups(
  gpg: GpgProgram,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (ids.every(isKeyOrAddress)) return ids;
  const end = await runGpg(gpg, { argv: ["--with-colons", "--list-config", "group"], signal });
  const groups = parseGroups(end.stdout.toString("utf8"));
  return ids.flatMap((id) => (isKeyOrAddress(id) ? [id] : (groups.get(id) ?? [id])));
}

/** Lines `cfg:group:NAME:MEMBER;MEMBER` (GnuPG's doc/DETAILS). */
export function parseGroups(text: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [, name, members] = /^cfg:group:([^:]+):([^:]*)/.exec(line) ?? [];
    if (name !== undefined && members !== undefined) groups.set(name, members.split(";").filter(Boolean));
  }
  return groups;
}

function isKeyOrAddress(id: string): boolean {
  return /^(?:0x)?[0-9A-F]{8,40}!?$/i.test(id) || id.includes("@");
}
