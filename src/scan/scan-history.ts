import { InvalidInputError, quote, UnavailableError } from "../errors.js";
import { findingsIn } from "./finding.js";
import type { Finding } from "./finding.js";
import { linesOf, readObjects } from "./git-objects.js";
import type { PassingObject } from "./git-objects.js";
import { changesIn, locate } from "./history-places.js";
import { promiseOf } from "./inspector.js";
import type { Inspector, Seen } from "./inspector.js";
import { requireEnd } from "./repository.js";
import type { Repository } from "./repository.js";

/** A version of a file in which something was found. */
interface FoundVersion {
  /** The one it was examined under. */
  readonly path: Buffer;
  readonly seen: Seen;
}

/**
 * Examines every version of every file that some branch, tag, stash or other ref can reach, each once, every path, and
 * the messages of commits and annotated tags. Contents pass by and are not kept.
 *
 * @param range - only these commits, as `git rev-list` takes them: `main..topic`
 * @param isWanted - which paths, from the top of the repository
 * @returns findings with the first commit that has them
 * @throws InvalidInputError for a range git does not know
 */
export async function scanHistory(
  inspector: Inspector,
  repository: Repository,
  range: string | undefined,
  isWanted: (path: Buffer) => boolean,
): Promise<readonly Finding[]> {
  if (range !== undefined) await requireRange(repository, range);
  const commits = range === undefined ? ["--all", ...(await stashes(repository))] : ["--end-of-options", range];
  const { telling, findings: inPaths } = await examinePaths(inspector, repository, commits, isWanted);
  const found = new Map<string, FoundVersion>();
  const findings: Finding[] = [...inPaths];
  for await (const object of readObjects(repository, requests(repository, commits, range === undefined))) {
    if (object.type === "blob") {
      const path = telling.get(object.id) ?? object.label;
      inspector.begin(path, true);
      for await (const piece of object.contents) inspector.write(piece);
      const seen = inspector.end();
      if (seen.contents.length + seen.promised.length > 0) found.set(object.id, { path, seen });
    } else if (object.type === "commit" || object.type === "tag") {
      findings.push(...(await examineMessage(inspector, object)));
    }
  }
  return [...findings, ...(await placeFindings(inspector, repository, commits, found, isWanted))];
}

async function placeFindings(
  inspector: Inspector,
  repository: Repository,
  commits: readonly string[],
  found: ReadonlyMap<string, FoundVersion>,
  isWanted: (path: Buffer) => boolean,
): Promise<readonly Finding[]> {
  if (found.size === 0) return [];
  const places = await locate(repository, commits, new Set(found.keys()));
  return [...found].flatMap(([id, { path: examined, seen }]) =>
    (places.get(id) ?? [{ path: examined, commit: undefined }])
      .filter(({ path }) => isWanted(path))
      .flatMap(({ path, commit }) => {
        // Contents may have had another name elsewhere, which promises nothing.
        const promised = promiseOf(path) === promiseOf(examined) ? seen.promised : [];
        return findingsIn([...promised, ...seen.contents], inspector.shown(path), commit);
      }),
  );
}

/** The older stashes, which only the log of the ref names. */
async function stashes(repository: Repository): Promise<readonly string[]> {
  if (!(await repository.knows(["rev-parse", "--verify", "--quiet", "refs/stash"]))) return [];
  const listed = await repository.git(["rev-list", "--walk-reflogs", "refs/stash", "--"]);
  return listed
    .toString("latin1")
    .split("\n")
    .filter((id) => id !== "");
}

/** Looks at each path that ever was, and for versions that had a name which promises something of the contents. */
async function examinePaths(
  inspector: Inspector,
  repository: Repository,
  commits: readonly string[],
  isWanted: (path: Buffer) => boolean,
): Promise<{ readonly telling: ReadonlyMap<string, Buffer>; readonly findings: readonly Finding[] }> {
  // Git lists a version under its last name only.
  const telling = new Map<string, Buffer>();
  const findings: Finding[] = [];
  const known = new Set<string>();
  for await (const { id, path, commit } of changesIn(repository, commits)) {
    if (promiseOf(path) !== undefined) telling.set(id, path);
    const key = path.toString("latin1");
    if (known.has(key)) continue;
    known.add(key);
    if (isWanted(path)) findings.push(...findingsIn(inspector.inPath(path), inspector.shown(path), commit));
  }
  return { telling, findings };
}

/** A line counts from the first one of the message. */
async function examineMessage(inspector: Inspector, object: PassingObject): Promise<readonly Finding[]> {
  const pieces: Buffer[] = [];
  for await (const piece of object.contents) pieces.push(Buffer.from(piece));
  const whole = Buffer.concat(pieces);
  inspector.begin(Buffer.alloc(0), false);
  inspector.write(whole.subarray(whole.indexOf("\n\n") + 2));
  return findingsIn(inspector.end().contents, `(${object.type} message)`, object.id);
}

/** Blobs with their first path, commits, and annotated tags. */
async function* requests(
  repository: Repository,
  commits: readonly string[],
  withTags: boolean,
): AsyncGenerator<Buffer> {
  yield* revisions(repository, ["--objects", "--filter=object:type=blob", "--filter-provided-objects", ...commits]);
  yield* revisions(repository, commits);
  if (!withTags) return;
  const tags = await repository.git(["for-each-ref", "--format=%(objecttype) %(objectname)", "refs/tags"]);
  for (const line of tags.toString("latin1").split("\n")) {
    if (line.startsWith("tag ")) yield Buffer.from(line.slice("tag ".length));
  }
}

async function* revisions(repository: Repository, selection: readonly string[]): AsyncGenerator<Buffer> {
  const words = ["rev-list", ...selection, "--"];
  const program = await repository.start(words);
  program.endInput();
  try {
    yield* linesOf(program.output);
    await requireEnd(program, words);
  } finally {
    await program.stop();
  }
}

async function requireRange(repository: Repository, range: string): Promise<void> {
  try {
    await repository.git(["rev-list", "--max-count=1", "--end-of-options", range, "--"]);
  } catch (thrown) {
    if (!(thrown instanceof UnavailableError)) throw thrown;
    throw new InvalidInputError(`git knows no commits ${quote(range)}`, {
      hint: "write two names as `main..topic`",
      cause: thrown,
    });
  }
}
