import type { PipedProgram } from "../process/piped-program.js";
import { linesOf } from "./git-objects.js";
import { requireEnd } from "./repository.js";
import type { Repository } from "./repository.js";

/** Where a version of a file came from. */
export interface HistoryPlace {
  /** From the top of the repository. */
  readonly path: Buffer;
  /** The first commit that has this version at this path. */
  readonly commit: string;
}

/** A version of a file that a commit brought to a path. */
export interface Change extends HistoryPlace {
  readonly id: string;
}

const words = ["diff-tree", "--stdin", "-z", "-r", "-m", "--root", "--raw", "--no-abbrev", "--no-renames"];

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
  const places = new Map<string, HistoryPlace[]>();
  for await (const { id, path, commit } of changesIn(repository, commits)) {
    if (!ids.has(id)) continue;
    const known = places.get(id) ?? [];
    if (!known.some((place) => place.path.equals(path))) places.set(id, [...known, { path, commit }]);
  }
  return places;
}

/** Every version that a commit brought to a path, oldest commits first. What a commit only removes is none. */
export async function* changesIn(repository: Repository, commits: readonly string[]): AsyncGenerator<Change> {
  const listing = ["rev-list", "--reverse", "--topo-order", ...commits, "--"];
  const [list, differ] = await Promise.all([repository.start(listing), repository.start(words)]);
  list.endInput();
  const passing = pass(list, differ);
  try {
    // Judged below; until then nobody listens.
    passing.catch(() => differ.end());
    yield* parse(differ.output);
    await passing;
    await requireEnd(list, listing);
    await requireEnd(differ, words);
  } finally {
    await Promise.allSettled([list.stop(), differ.stop(), passing]);
  }
}

async function pass(from: PipedProgram, to: PipedProgram): Promise<void> {
  for await (const piece of from.output) await to.write(piece);
  to.endInput();
}

/** Entries end with NUL: a commit; or `:OLDMODE NEWMODE OLDID NEWID STATUS` and the path. */
async function* parse(output: AsyncIterable<Buffer>): AsyncGenerator<Change> {
  let commit = "";
  let id: string | undefined;
  for await (const entry of linesOf(output, 0)) {
    if (id !== undefined) {
      if (/[^0]/.test(id)) yield { id, path: Buffer.from(entry), commit };
      id = undefined;
    } else if (entry[0] === ":".charCodeAt(0)) {
      id = entry.toString("latin1").split(" ")[3] ?? "";
    } else {
      commit = entry.toString("latin1");
    }
  }
}
