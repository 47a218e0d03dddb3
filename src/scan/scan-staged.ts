import { findingsIn } from "./finding.js";
import type { Finding, Unread } from "./finding.js";
import { readObjects } from "./git-objects.js";
import { allOf } from "./inspector.js";
import type { Inspector } from "./inspector.js";
import { nulSeparated, requireWorkTree } from "./repository.js";
import type { Repository } from "./repository.js";

/** One file as it would be committed. */
interface StagedFile {
  readonly id: string;
  /** From the top of the repository. */
  readonly path: Buffer;
  /** Several versions of it are staged, of which none can be committed. */
  readonly isUnmerged: boolean;
}

/**
 * Examines what `git commit` would commit now: the contents in the index of the files that differ from HEAD, whatever the
 * files on disk hold. In a hook, git names the index that it means.
 *
 * @param isWanted - which paths, from the top of the repository
 * @returns findings, and the files of a merge that nobody resolved yet
 * @throws InvalidInputError for a bare repository
 */
export async function scanStaged(
  inspector: Inspector,
  repository: Repository,
  isWanted: (path: Buffer) => boolean,
): Promise<{ readonly findings: readonly Finding[]; readonly unread: readonly Unread[] }> {
  requireWorkTree(repository);
  const wanted = (await stagedFiles(repository)).filter(({ path }) => isWanted(path));
  const staged = wanted.filter(({ isUnmerged }) => !isUnmerged);
  const unmerged = wanted.filter(({ isUnmerged }) => isUnmerged).map(({ path }) => inspector.shown(path));
  // A label is one line, and a path may have several.
  const requests = staged.map(({ id }, index) => Buffer.from(`${id} ${index}`));
  const findings: Finding[] = [];
  for await (const { label, contents } of readObjects(repository, requests)) {
    const path = staged[Number(label.toString())]?.path ?? label;
    inspector.begin(path, true);
    for await (const piece of contents) inspector.write(piece);
    findings.push(...findingsIn(allOf(inspector.end()), inspector.shown(path)));
  }
  return { findings, unread: unmerged.map((file) => ({ file, reason: "its merge conflict is not resolved" })) };
}

const submodule = "160000";

async function stagedFiles(repository: Repository): Promise<readonly StagedFile[]> {
  if (!(await repository.knows(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]))) return everyFile(repository);
  const words = ["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"];
  const entries = nulSeparated(await repository.git([...words, "--diff-filter=ACMRTU", "HEAD", "--"]));
  const files: StagedFile[] = [];
  for (let index = 0; index + 1 < entries.length; index += 2) {
    // `:OLDMODE NEWMODE OLDID NEWID STATUS`, then the path.
    const [, mode = "", , id = "", status = ""] = entries[index]?.toString("latin1").split(" ") ?? [];
    const path = entries[index + 1] ?? Buffer.alloc(0);
    if (mode !== submodule) files.push({ id, path, isUnmerged: status === "U" });
  }
  return files;
}

/** Before the first commit. */
async function everyFile(repository: Repository): Promise<readonly StagedFile[]> {
  return nulSeparated(await repository.git(["ls-files", "-z", "--stage"])).flatMap((entry) => {
    // `MODE ID STAGE`, a tab, the path.
    const tab = entry.indexOf("\t");
    const [mode, id = ""] = entry.toString("latin1", 0, tab).split(" ");
    return mode === submodule ? [] : [{ id, path: entry.subarray(tab + 1), isUnmerged: false }];
  });
}
