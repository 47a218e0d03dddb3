import { InvalidInputError, quote, UnavailableError } from "../errors.js";
import { findingsIn } from "./finding.js";
import type { Finding } from "./finding.js";
import { linesOf, readObjects } from "./git-objects.js";
import type { PassingObject } from "./git-objects.js";
import { locate, versionsNamed } from "./history-places.js";
import { baseName, isTellingPath } from "./inspector.js";
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
 * Examines every version of every file that some branch, tag or other ref can reach, each once, and the messages of
 * commits and annotated tags. Contents pass by and are not kept.
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
  const commits = range === undefined ? ["--all"] : ["--end-of-options", range];
  const telling = await versionsNamed(repository, commits, isTellingPath);
  const found = new Map<string, FoundVersion>();
  const findings: Finding[] = [];
  for await (const object of readObjects(repository, requests(repository, commits, range === undefined))) {
    if (object.type === "blob") {
      const path = telling.get(object.id) ?? object.label;
      inspector.begin(path, true);
      for await (const piece of object.contents) inspector.write(piece);
      const seen = inspector.end();
      if (seen.contents.length + seen.named.length > 0) found.set(object.id, { path, seen });
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
        const named = baseName(path) === baseName(examined) ? seen.named : [];
        return findingsIn({ ...seen, named }, inspector.shown(path), commit);
      }),
  );
}

/** A line counts from the first one of the message. */
async function examineMessage(inspector: Inspector, object: PassingObject): Promise<readonly Finding[]> {
  const pieces: Buffer[] = [];
  for await (const piece of object.contents) pieces.push(Buffer.from(piece));
  const whole = Buffer.concat(pieces);
  inspector.begin(Buffer.alloc(0), false);
  inspector.write(whole.subarray(whole.indexOf("\n\n") + 2));
  return findingsIn(inspector.end(), `(${object.type} message)`, object.id);
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
