import { linesOf } from "./git-objects.js";
import { requireEnd } from "./repository.js";
import type { PipedProgram } from "../process/piped-program.js";
import type { Repository } from "./repository.js";

/** Where a version of a file came from. */
export interface HistoryPlace {
  /** From the top of the repository. */
  readonly path: Buffer;
  /** The first commit that has this version at this path. */
  readonly commit: string;
}

const changes = ["diff-tree", "--stdin", "-z", "-r", "-m", "--root", "--raw", "--no-abbrev", "--no-renames"];

/**
 * The first commit of each path that some versions of files had, oldest commits first.
 *
 * @param commits - arguments of `git rev-list`
 * @param ids - the objects looked for
 */
export async function locate(
  repository: Repository,
  commits: readonly string[],
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly HistoryPlace[]>> {
  const listing = ["rev-list", "--reverse", "--topo-order", ...commits, "--"];
  const [list, differ] = await Promise.all([repository.start(listing), repository.start(changes)]);
  list.endInput();
  try {
    const passing = pass(list, differ);
    passing.catch(() => differ.end());
    const places = await collect(differ.output, ids);
    await passing;
    await requireEnd(list, listing);
    await requireEnd(differ, changes);
    return places;
  } finally {
    await Promise.all([list.stop(), differ.stop()]);
  }
}

async function pass(from: PipedProgram, to: PipedProgram): Promise<void> {
  for await (const piece of from.output) await to.write(piece);
  to.endInput();
}

/** Entries end with NUL: a commit; or `:OLDMODE NEWMODE OLDID NEWID STATUS` and the path. */
async function collect(
  output: AsyncIterable<Buffer>,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly HistoryPlace[]>> {
  const places = new Map<string, HistoryPlace[]>();
  let commit = "";
  let id: string | undefined;
  for await (const entry of linesOf(output, 0)) {
    if (id !== undefined) {
      const known = places.get(id) ?? [];
      if (ids.has(id) && !known.some(({ path }) => path.equals(entry))) {
        places.set(id, [...known, { path: Buffer.from(entry), commit }]);
      }
      id = undefined;
    } else if (entry[0] === ":".charCodeAt(0)) {
      id = entry.toString("latin1").split(" ")[3] ?? "";
    } else {
      commit = entry.toString("latin1");
    }
  }
  return places;
}
