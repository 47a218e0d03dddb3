import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { InvalidInputError, quote } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { isTrackedByGit } from "../sealed/git-index.js";
import { findingsIn } from "./finding.js";
import type { Finding, Unread } from "./finding.js";
import type { Inspector, Seen } from "./inspector.js";
import { isBelow } from "./path-filter.js";
import { findRepository, nulSeparated } from "./repository.js";
import type { Environment, Repository } from "./repository.js";

/** One file to read. */
interface File {
  /** Absolute, in whatever bytes the file system has. */
  readonly path: Buffer;
  /** Whether git has it, or would add it. */
  readonly inRepository: boolean;
}

export interface FileScan {
  readonly workingDirectory: string;
  /** Files and directories; none for everything in the repository around, or below the working directory. */
  readonly paths: readonly string[];
  readonly environment: Environment;
  /** Files that hold plaintext on purpose: passed over where no repository could give them away. */
  readonly ownFiles: ReadonlySet<string>;
  /** Absolute paths that are left out, with what is below them. */
  readonly excluded: readonly string[];
}

/**
 * Examines files as they are on disk: in a work tree of git those it tracks and those it would add; elsewhere, and below
 * a directory that git ignores and somebody named, all. Symbolic links are not followed. Submodules are not entered.
 *
 * @throws InvalidInputError for a path that is not there
 */
export async function scanFiles(
  inspector: Inspector,
  scan: FileScan,
): Promise<{ readonly findings: readonly Finding[]; readonly unread: readonly Unread[] }> {
  const findings: Finding[] = [];
  const unread: Unread[] = [];
  const seen = new Set<string>();
  const isExcluded = isBelow(scan.excluded);
  for await (const { path, inRepository } of filesOf(scan)) {
    const key = path.toString("latin1");
    if (seen.has(key)) continue;
    seen.add(key);
    if (isExcluded(path)) continue;
    if (!inRepository && scan.ownFiles.has(path.toString("utf8"))) continue;
    const file = relative(scan.workingDirectory, inspector.shown(path));
    try {
      findings.push(...findingsIn(examine(inspector, path, inRepository), file));
    } catch (thrown) {
      if (errnoOf(thrown) === undefined) throw thrown;
      inspector.end();
      unread.push({ file, reason: errnoInWords(thrown) });
    }
  }
  return { findings, unread };
}

async function* filesOf(scan: FileScan): AsyncGenerator<File> {
  if (scan.paths.length === 0) yield* filesBelow(scan.workingDirectory, scan.environment, true);
  for (const named of scan.paths) {
    const path = resolve(scan.workingDirectory, named);
    if (isDirectory(path, named)) yield* filesBelow(path, scan.environment, false);
    else yield { path: Buffer.from(path), inRepository: isTrackedByGit(path) };
  }
}

/** @param whole - whether the whole repository is meant, not only what is below the directory */
async function* filesBelow(directory: string, environment: Environment, whole: boolean): AsyncGenerator<File> {
  const repository = await findRepository(directory, environment);
  const listed = repository === undefined || repository.isBare ? undefined : await filesOfTree(repository);
  const prefix = Buffer.from(directory.endsWith(sep) ? directory : `${directory}${sep}`);
  const wanted = whole ? listed : listed?.filter((file) => file.subarray(0, prefix.length).equals(prefix));
  // A directory that git knows nothing of was named all the same: what a build put there, for one.
  const isUnknown = wanted === undefined || (!whole && wanted.length === 0);
  if (isUnknown) yield* walk(Buffer.from(directory));
  else for (const path of wanted) yield { path, inRepository: true };
}

async function filesOfTree(repository: Repository): Promise<readonly Buffer[]> {
  const listed = await repository.git(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  const top = Buffer.from(repository.top.endsWith("/") ? repository.top : `${repository.top}/`);
  return nulSeparated(listed).map((name) => Buffer.concat([top, name]));
}

function* walk(directory: Buffer): Generator<File> {
  for (const entry of readdirSync(directory, { withFileTypes: true, encoding: "buffer" })) {
    const name: unknown = entry.name;
    if (!(name instanceof Uint8Array)) continue;
    const path = Buffer.concat([directory, Buffer.from(sep), name]);
    if (!entry.isDirectory()) yield { path, inRepository: false };
    else if (Buffer.compare(name, Buffer.from(".git")) !== 0) yield* walk(path);
  }
}

function isDirectory(path: string, named: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new InvalidInputError(`${quote(named)}: no such file or directory`);
  return status.isDirectory();
}

const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** @throws the system's error for what cannot be read; what is gone, or is no file, holds nothing */
function examine(inspector: Inspector, path: Buffer, byName: boolean): Seen {
  inspector.begin(path, byName);
  let descriptor: number;
  try {
    descriptor = openSync(path, openFlags);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ELOOP") inspector.write(readlinkSync(path, { encoding: "buffer" }));
    // Deleted and not yet removed from the index; a socket; a device without a driver.
    else if (errno !== "ENOENT" && errno !== "ENOTDIR" && errno !== "ENXIO" && errno !== "ENODEV") throw thrown;
    return inspector.end();
  }
  try {
    if (fstatSync(descriptor).isFile()) readWhole(inspector, descriptor);
  } finally {
    closeSync(descriptor);
  }
  return inspector.end();
}

function readWhole(inspector: Inspector, descriptor: number): void {
  for (let count = 1; count > 0;) count = inspector.fill((...space) => readSync(descriptor, ...space, null));
}
