import { readdirSync, realpathSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { InvalidInputError, quote } from "../errors.js";
import { errnoInWords, errnoOf, fileError } from "../files/errno.js";
import { isTrackedByGit } from "../files/git-index.js";
import { findRepository, nulSeparated, requireWorkTree } from "./repository.js";
import type { Environment, Repository } from "./repository.js";

/** One file to read. */
export interface ListedFile {
  /** Absolute, in whatever bytes the file system has. */
  readonly path: Buffer;
  /** As whoever gets it sees it: from the top of the repository, else from the working directory. */
  readonly name: Buffer;
  /** Whether git has it, or would add it. */
  readonly inRepository: boolean;
}

/** A directory that could not be listed, and why. */
export interface UnlistedDirectory {
  readonly path: Buffer;
  readonly reason: string;
}

export interface FileSelection {
  readonly workingDirectory: string;
  /** Files and directories; none for everything in the repository around, or below the working directory. */
  readonly paths: readonly string[];
  readonly environment: Environment;
}

/**
 * The files to look at: in a work tree of git those it tracks and those it would add; elsewhere, and below a directory
 * that git ignores and somebody named, all. A file may come twice. Of symbolic links only those that were named are
 * followed. Submodules are not entered.
 *
 * @throws InvalidInputError for a path that is not there, and for a bare repository
 */
export async function* filesToScan(selection: FileSelection): AsyncGenerator<ListedFile | UnlistedDirectory> {
  const { workingDirectory, paths } = selection;
  if (paths.length === 0) yield* filesBelow(workingDirectory, selection, true);
  for (const named of paths) {
    const path = realPath(resolve(workingDirectory, named), named);
    if (statSync(path).isDirectory()) yield* filesBelow(path, selection, false);
    else yield unlistedFile(Buffer.from(path), workingDirectory, isTrackedByGit(path));
  }
}

/** A path relative to a directory, in whatever bytes it has. */
export function pathFrom(directory: string, path: Buffer): Buffer {
  return Buffer.from(relative(Buffer.from(directory).toString("latin1"), path.toString("latin1")), "latin1");
}

/** @param whole - whether the whole repository is meant, not only what is below the directory */
async function* filesBelow(
  directory: string,
  { workingDirectory, environment }: FileSelection,
  whole: boolean,
): AsyncGenerator<ListedFile | UnlistedDirectory> {
  const repository = await findRepository(directory, environment);
  if (repository !== undefined) requireWorkTree(repository);
  const listed = repository === undefined ? undefined : await filesOfTree(repository);
  const prefix = Buffer.from(directory.endsWith(sep) ? directory : `${directory}${sep}`);
  const wanted = whole ? listed : listed?.filter(({ path }) => path.subarray(0, prefix.length).equals(prefix));
  // A directory that git knows nothing of was named all the same: what a build put there, for one.
  const isUnknown = wanted === undefined || (!whole && wanted.length === 0);
  if (isUnknown) yield* walk(Buffer.from(directory), workingDirectory);
  else yield* wanted;
}

async function filesOfTree(repository: Repository): Promise<readonly ListedFile[]> {
  const listed = await repository.git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  const top = Buffer.from(repository.top.endsWith("/") ? repository.top : `${repository.top}/`);
  return nulSeparated(listed).map((name) => ({ path: Buffer.concat([top, name]), name, inRepository: true }));
}

function* walk(directory: Buffer, workingDirectory: string): Generator<ListedFile | UnlistedDirectory> {
  let entries: readonly { readonly name: unknown; readonly isDirectory: () => boolean }[];
  try {
    entries = readdirSync(directory, { withFileTypes: true, encoding: "buffer" });
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    yield { path: directory, reason: errnoInWords(thrown) };
    return;
  }
  for (const entry of entries) {
    const { name } = entry;
    if (!(name instanceof Uint8Array)) continue;
    const path = Buffer.concat([directory, Buffer.from(sep), name]);
    if (!entry.isDirectory()) yield unlistedFile(path, workingDirectory, false);
    else if (Buffer.compare(name, Buffer.from(".git")) !== 0) yield* walk(path, workingDirectory);
  }
}

/** A file that git did not name. */
function unlistedFile(path: Buffer, workingDirectory: string, inRepository: boolean): ListedFile {
  return { path, name: pathFrom(workingDirectory, path), inRepository };
}

function realPath(path: string, named: string): string {
  try {
    return realpathSync(path);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw fileError("examine", path, thrown);
    throw new InvalidInputError(`${quote(named)}: no such file or directory`);
  }
}
