import { lstatSync } from "node:fs";
import type { Stats } from "node:fs";
import { InvalidInputError, quote } from "../errors.js";
import { fileError } from "../files/errno.js";

/**
 * The status of a file of the project that a command is about to make or change.
 *
 * A checkout may hold links that somebody pushed: nothing is written through one.
 *
 * @returns `undefined` when there is no such file
 * @throws InvalidInputError for a symbolic link and for anything else that is no regular file
 */
export function regularFile(file: string): Stats | undefined {
  const status = statusOf(file);
  if (status === undefined || status.isFile()) return status;
  if (status.isSymbolicLink()) {
    throw new InvalidInputError(`${quote(file)} is a symbolic link, and nothing is written through it`, {
      hint: "see where it leads, and put a file of its own in its place; whoever can push to the repository may have made it",
    });
  }
  throw new InvalidInputError(`${quote(file)} is not a regular file`, { hint: "move it away" });
}

function statusOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (thrown) {
    throw fileError("examine", file, thrown);
  }
}
