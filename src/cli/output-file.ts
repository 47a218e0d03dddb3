import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InvalidInputError, quote } from "../errors.js";
import { fileError } from "../files/errno.js";
import { shellWord } from "../files/private.js";
import { isTrackedByGit } from "../files/git-index.js";
import type { Arguments } from "./arguments.js";
import { regularFile } from "./regular-file.js";

/** The file of `--output`, or `undefined` for standard output, which `-` says as well. */
export function outputFile(args: Arguments): string | undefined {
  const file = args.option("output");
  return file === "-" ? undefined : file;
}

/**
 * Refuses a place where values must not be written, before any is read: a symbolic link or anything else that is no
 * regular file, the file they are made from, a directory that is not there, and a file that git tracks.
 *
 * @param options.source - the file that is read, if there is one
 * @param options.force - accept a file that git tracks
 * @throws InvalidInputError, UnavailableError
 */
export function requireOutputFile(
  file: string,
  { source, force }: { readonly source?: string | undefined; readonly force: boolean },
): void {
  if (file === "") throw new InvalidInputError("the file to write has an empty name");
  const present = regularFile(file);
  const directory = realDirectory(file);
  if (present !== undefined && source !== undefined) {
    const read = statSync(source, { throwIfNoEntry: false });
    if (read !== undefined && read.dev === present.dev && read.ino === present.ino) {
      throw new InvalidInputError(`${quote(file)} is the file that is read, and would be overwritten`);
    }
  }
  if (!force && isTrackedByGit(join(directory, basename(file)))) {
    throw new InvalidInputError(`${quote(file)} is tracked by git, and the values written to it would be committed`, {
      hint: `run \`git rm --cached ${shellWord(file)}\` and put it in .gitignore, or add --force`,
    });
  }
}

function realDirectory(file: string): string {
  const directory = dirname(resolve(file));
  try {
    return realpathSync(directory);
  } catch (thrown) {
    throw fileError("write", file, thrown, `is there a directory ${quote(dirname(file))}?`);
  }
}
