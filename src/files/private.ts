import { mkdirSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { errnoOf, fileError } from "./errno.js";

/** What is wrong with a file that must be private, and the command that mends it. */
export interface PrivateFault {
  readonly message: string;
  readonly hint: string;
}

/**
 * What is wrong with a file that must be private, in one line with the command to run: it is no regular file, belongs
 * to another user, or its group or others have any access. Symbolic links are followed.
 *
 * @returns `undefined` when nothing is wrong, and when there is no such file
 */
export function privateFault(file: string): string | undefined {
  const fault = inspectPrivate(file);
  return fault === undefined ? undefined : `${fault.message}: ${fault.hint}`;
}

/**
 * The same as {@link privateFault}, message and hint apart, as errors take them.
 *
 * @param status - from `fstat` of the opened file, so that what was examined is what is read; otherwise looked up
 * @throws UnavailableError when the file cannot be examined
 */
export function inspectPrivate(file: string, status: Stats | undefined = statusOf(file)): PrivateFault | undefined {
  if (status === undefined) return undefined;
  if (!status.isFile()) {
    return { message: `${quote(file)} is not a regular file`, hint: "give the path of a file" };
  }
  if (process.platform === "win32") return undefined;
  if (foreignOwner(status)) {
    return {
      message: `${quote(file)} belongs to another user (uid ${status.uid})`,
      hint: `run \`chown "$(id -u)" ${shellWord(file)}\` if the file is yours to take`,
    };
  }
  if ((status.mode & 0o077) !== 0) {
    const mode = (status.mode & 0o777).toString(8).padStart(4, "0");
    return {
      message: `${quote(file)} is open to the group or to others (mode ${mode})`,
      hint: `run \`chmod ${status.mode & 0o200 ? "600" : "400"} ${shellWord(file)}\``,
    };
  }
  return undefined;
}

/**
 * Makes a directory that only this user can use, with its parents. One that exists keeps its permissions as long as
 * nobody else can change what is in it.
 *
 * @throws UnavailableError when it cannot be made, is not a directory, or others can write to it
 */
export function makePrivateDirectory(directory: string): void {
  let status: Stats;
  try {
    makeMissing(directory);
    status = statSync(directory);
    if (!status.isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
  } catch (error) {
    throw fileError("make the directory", directory, error);
  }
  requireOwn(directory, status);
}

/**
 * Refuses a directory that others can change, where one is: what is in it is theirs to make up.
 *
 * @throws UnavailableError when others can write to it, or it cannot be examined
 */
export function requirePrivateDirectory(directory: string): void {
  const status = statusOf(directory);
  if (status !== undefined) requireOwn(directory, status);
}

function requireOwn(directory: string, status: Stats): void {
  if (process.platform === "win32") return;
  if (foreignOwner(status) || (status.mode & 0o022) !== 0) {
    throw new UnavailableError(`other users can change what is in ${quote(directory)}`, {
      hint: `run \`chmod 700 ${shellWord(directory)}\`, or choose another directory`,
    });
  }
}

/** As `mkdir -p`. Node's own recursive form tries for ever where nothing can be made, such as in `/proc`. */
function makeMissing(directory: string): void {
  const make = (): void => {
    mkdirSync(directory, { mode: 0o700 });
  };
  try {
    make();
  } catch (error) {
    const parent = dirname(directory);
    if (errnoOf(error) === "EEXIST") return;
    if (errnoOf(error) !== "ENOENT" || parent === directory) throw error;
    makeMissing(parent);
    make();
  }
}

/** A word as a shell needs it written, so that a command in a hint can be copied. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function foreignOwner(status: Stats): boolean {
  const user = process.geteuid?.();
  return user !== undefined && status.uid !== user && status.uid !== 0;
}

function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError("examine", file, error);
  }
}
