import { createHash } from "node:crypto";
import { closeSync, constants, existsSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";
import { errnoOf, fileError } from "../files/errno.js";

/**
 * Where a file of the configuration would really be written, if that is outside the configuration's directory, or is
 * git's own: links are followed as far as there is something to follow.
 *
 * @param directory - of the configuration
 * @param file - as it stands there
 * @returns the absolute path, or `undefined` for a file inside
 */
export function targetOutside(directory: string, file: string): string | undefined {
  const target = path.resolve(directory, file);
  const real = path.join(realOfNearest(path.dirname(target)), path.basename(target));
  const below = path.relative(realpathSync(directory), real);
  const isInside = below !== "" && isBelow(below);
  // Not every file system tells upper case from lower.
  const isGits = below.split(path.sep).some((segment) => segment.toLowerCase() === ".git");
  return isInside && !isGits ? undefined : real;
}

/** What belongs together with a configuration: whoever can change one of its files can change the others. */
export interface Project {
  /** The configuration's directory, from which relative files are taken. */
  readonly directory: string;
  /** The repository it is in, or that directory itself. */
  readonly root: string;
}

/** A file of the project that a sensitive option runs, or gives to what it runs. */
export interface ProjectFile {
  /** As the option has it. */
  readonly word: string;
  /** Absolute, links not followed. */
  readonly file: string;
  /** Below the root, for a person to read. */
  readonly shown: string;
}

export function projectOf(configuration: string): Project {
  const directory = path.resolve(path.dirname(configuration));
  return { directory, root: repositoryOf(directory) ?? directory };
}

/**
 * The files of the project among programs and their arguments: whoever can change the repository could change these after
 * they were trusted.
 *
 * @param commands - each a program and its arguments
 * @param find - the file of a program that is named without a `/`
 */
export function filesOfProject(
  project: Project,
  commands: readonly (readonly string[])[],
  find: (program: string) => string | undefined,
): readonly ProjectFile[] {
  const found = commands
    .flatMap(([program = "", ...words]) => {
      const isNamed = program !== "" && !/[/\\\0]/.test(program);
      const onPath = isNamed ? find(program) : undefined;
      const named = [...(isNamed ? [] : [program]), ...words].flatMap(filesNamedBy);
      return [
        ...(onPath === undefined ? [] : [{ word: program, file: onPath }]),
        ...named.map((word) => ({ word, file: path.resolve(project.directory, word) })),
      ];
    })
    .filter(({ file }) => isRegular(file) && isInProject(project, file));
  const files = new Map(found.map((one) => [`${one.word}\0${one.file}`, one]));
  return [...files.values()].map((one) => ({ ...one, shown: shownBelow(project, one.file) }));
}

/** @throws UnavailableError for a file that cannot be read */
export function digestsOf(files: readonly ProjectFile[]): readonly (readonly [word: string, digest: string])[] {
  return files.map(({ word, file }) => [word, digestOf(file)]);
}

function isInProject({ root }: Project, file: string): boolean {
  return isBelow(path.relative(root, file)) || isBelow(path.relative(realpathSync(root), realpathSync(file)));
}

function shownBelow({ root }: Project, file: string): string {
  const below = path.relative(root, file);
  return isBelow(below) ? below : file;
}

/** What of a word may be a file: all of it, or FILE of `--config=FILE`, `-fFILE`, `@FILE`, `file://FILE`. */
function filesNamedBy(word: string): readonly string[] {
  const parts = [word, word.slice(word.indexOf("=") + 1), word.replace(/^-[A-Za-z]/, "")];
  return [...new Set(parts.flatMap((part) => [part, part.replace(/^(?:@|file:\/\/)/, "")]))];
}

function repositoryOf(directory: string): string | undefined {
  if (existsSync(path.join(directory, ".git"))) return directory;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : repositoryOf(parent);
}

function isBelow(relative: string): boolean {
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The real path of a directory, of which only some ancestor need be there. */
function realOfNearest(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || path.dirname(directory) === directory) {
      throw fileError("examine the directory", directory, error);
    }
    return path.join(realOfNearest(path.dirname(directory)), path.basename(directory));
  }
}

function isRegular(file: string): boolean {
  try {
    return !file.includes("\0") && statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    // A word that is no path: too long for one, or through something that is no directory.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function digestOf(file: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(65_536);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) return "no regular file";
    for (let length = 1; length > 0;) {
      length = readSync(descriptor, chunk);
      hash.update(chunk.subarray(0, length));
    }
    return hash.digest("hex");
  } catch (error) {
    throw fileError("read", file, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
