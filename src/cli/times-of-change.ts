import type { Session } from "./session.js";

/**
 * Since when the values of names are as they are, in milliseconds since the epoch. A move keeps it: a value that is due
 * for rotation stays so under another name or in another store. Names whose store does not know are left out.
 */
export async function timesOfChange(
  { api }: Pick<Session, "api">,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { entries } = await api.inventory({ names });
  const now = Date.now();
  return new Map(
    entries.flatMap(({ name, lastChanged }) =>
      lastChanged === undefined ? [] : [[name, Math.min(Date.parse(lastChanged), now)] as const],
    ),
  );
}
