import { lstatSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { AccessDeniedError, quote, UnavailableError } from "../errors.js";
import { accessError, errnoOf } from "../files/errno.js";
import { isSystemFile } from "../files/system-file.js";

/**
 * The root of a store, without links.
 *
 * @throws UnavailableError `not_initialised` when it is not there; AccessDeniedError when this user may not enter it
 */
export function findRoot(root: string): string {
  let real: string;
  let isDirectory: boolean;
  try {
    real = realpathSync(root);
    isDirectory = statSync(real).isDirectory();
  } catch (error) {
    if (errnoOf(error) === "EINVAL") throw replaced(root);
    if (errnoOf(error) !== "ENOENT") throw accessError(root, error);
    throw new UnavailableError(`there is no directory ${quote(root)}`, {
      reason: "not_initialised",
      hint: "mount or make the directory, or correct `root:` of the store",
      cause: error,
    });
  }
  if (!isDirectory || isSystemFile(`${real}/`)) {
    throw new UnavailableError(`${quote(root)} is not a directory of secrets`, {
      hint: "give `root:` of the store a directory with one file for each secret",
    });
  }
  return real;
}

/**
 * The file a path stands for, without links. It may lie behind any number of links that stay inside the root.
 *
 * @param realRoot - from {@link findRoot}
 * @returns `undefined` when there is no such file
 * @throws Unsettled when a link leads nowhere, perhaps only for a moment
 * @throws AccessDeniedError when a link leads out of the root, or this user may not look; UnavailableError
 */
export function locate(realRoot: string, path: string): string | undefined {
  const file = join(realRoot, path);
  let real: string;
  try {
    real = realpathSync(file);
  } catch (error) {
    if (errnoOf(error) === "EINVAL") throw replaced(file);
    if (errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR") throw accessError(file, error);
    const link = danglingLink(realRoot, path);
    if (link === undefined) return undefined;
    throw leadsNowhere(link);
  }
  if (!real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) {
    throw new AccessDeniedError(`${quote(file)} leads out of its store by a symbolic link, which is not followed`, {
      hint: "put the file itself into the directory, or give a store the directory it is in as its `root:`",
    });
  }
  if (isSystemFile(real)) throw notRegular(file);
  return real;
}

/** What was found may be otherwise in a moment, when a directory is being replaced: to be looked at again. */
export class Unsettled extends UnavailableError {}

/** Something else is in the place of what was looked at; `EINVAL` is what reading a link says that is one no more. */
export function replaced(file: string): Unsettled {
  return new Unsettled(`${quote(file)} was replaced each time it was read`, {
    hint: "try again when its writer is done",
  });
}

function leadsNowhere(link: string): Unsettled {
  return new Unsettled(`${quote(link)} is a symbolic link that leads nowhere`, {
    hint: "mount or make what it should lead to, or remove it: then the secret is absent",
  });
}

export function notRegular(file: string): UnavailableError {
  return new UnavailableError(`${quote(file)} is not a regular file`, { hint: "a secret is a file of its own" });
}

/** The first part of a path that is a link without a target. */
function danglingLink(realRoot: string, path: string): string | undefined {
  let file = realRoot;
  for (const segment of path.split("/")) {
    file = join(file, segment);
    try {
      const status = lstatSync(file, { throwIfNoEntry: false });
      if (status === undefined) return undefined;
      if (status.isSymbolicLink() && statSync(file, { throwIfNoEntry: false }) === undefined) return file;
    } catch (error) {
      if (errnoOf(error) === "ENOTDIR") return undefined;
      throw accessError(file, error);
    }
  }
  return undefined;
}
