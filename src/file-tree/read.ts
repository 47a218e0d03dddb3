import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { isSecretsError, quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { withoutLineEnd } from "../domain/line-end.js";
import type { LineEndPolicy } from "../domain/line-end.js";
import { readBounded } from "../files/bounded.js";
import { accessError, errnoOf } from "../files/errno.js";
import { refuseOwnFile } from "../files/own-file.js";
import { Patience } from "../files/patience.js";
import { permissionFault } from "./grade.js";
import { findRoot, locate, notRegular, replaced, Unsettled } from "./place.js";

/** A directory with one file for each secret. */
export interface FileTree {
  /** Absolute. */
  readonly root: string;
  readonly lineEnd: LineEndPolicy;
  readonly maximumBytes: number;
  /** Whether files of a disk may be open to the group and to others. */
  readonly allowOpen: boolean;
  /** How long the directory may change under us before that is an error, in milliseconds. Default: 500 */
  readonly settleMilliseconds?: number;
  /** Whether a file, by its path without links, is one that no store gives away. */
  readonly isOwnFile?: ((real: string) => boolean) | undefined;
}

/** A volume is replaced by one rename: what changes for longer will not settle. */
const usualSettleMilliseconds = 500;

/**
 * Several values as they were at one moment: of a Kubernetes volume, all from one generation. Every path is resolved
 * again after the last byte was read, and everything is read again when one leads elsewhere by then.
 *
 * @param paths - relative to the root, well formed
 * @returns in the order asked, `undefined` where there is no such file
 * @throws UnavailableError, AccessDeniedError, CancelledError
 */
export async function readFiles(
  tree: FileTree,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly (Uint8Array | undefined)[]> {
  const patience = new Patience(tree.settleMilliseconds ?? usualSettleMilliseconds, signal);
  for (;;) {
    throwIfCancelled(signal);
    try {
      return readOnce(tree, paths, signal);
    } catch (error) {
      if (!(error instanceof Unsettled) || !(await patience.sleep())) throw error;
    }
  }
}

function readOnce(
  tree: FileTree,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): readonly (Uint8Array | undefined)[] {
  const resolve = (): ReadonlyMap<string, string | undefined> => {
    const root = findRoot(tree.root);
    return new Map(paths.map((path) => [path, locate(root, path)]));
  };
  const before = resolve();
  const values = new Map<string, Uint8Array | undefined>();
  for (const [path, file] of before) {
    throwIfCancelled(signal);
    values.set(path, file === undefined ? undefined : withoutLineEnd(readFile(file, tree), tree.lineEnd));
  }
  for (const [path, file] of resolve()) if (file !== before.get(path)) throw replaced(path);
  return paths.map((path) => values.get(path));
}

function readFile(file: string, tree: FileTree): Buffer {
  return withFile(file, (descriptor, status) => {
    requireReadable(file, status, tree);
    const bytes = readBounded(descriptor, tree.maximumBytes, status.size);
    if (bytes === undefined) throw tooLong(file, tree);
    const after = fstatSync(descriptor);
    if (after.size !== status.size || after.mtimeMs !== status.mtimeMs) throw replaced(file);
    return bytes;
  });
}

/** What makes a file one that is not read. */
export type ReadRules = Pick<FileTree, "isOwnFile" | "allowOpen" | "maximumBytes">;

/** The error for a file that holds more than a value may be. */
export function tooLong(file: string, { maximumBytes }: Pick<FileTree, "maximumBytes">): UnavailableError {
  return new UnavailableError(`${quote(file)} is longer than ${maximumBytes} bytes`);
}

/**
 * Refuses a file that this program must not give away, that is too long, or that is open to more than its owner.
 *
 * @param status - from `fstat` of the opened file
 * @throws AccessDeniedError, UnavailableError
 */
export function requireReadable(file: string, status: Stats, tree: ReadRules): void {
  refuseOwnFile(file, tree.isOwnFile);
  if (status.size > tree.maximumBytes) throw tooLong(file, tree);
  const fault = tree.allowOpen ? undefined : permissionFault(file, status);
  if (fault === undefined) return;
  throw new UnavailableError(fault.message, { hint: `${fault.hint}, or give \`--allow-insecure-permissions\`` });
}

/**
 * Opens a regular file for reading, and nothing else: a named pipe or a device is not even opened, and a link put there
 * since the path was resolved is not followed.
 *
 * @param file - from {@link locate}
 * @throws Unsettled when something else has taken its place since
 */
export function withFile<T>(file: string, work: (descriptor: number, status: Stats) => T): T {
  let descriptor: number | undefined;
  try {
    const expected = lstatSync(file);
    if (expected.isSymbolicLink()) throw replaced(file);
    if (!expected.isFile()) throw notRegular(file);
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    const status = fstatSync(descriptor);
    if (status.ino !== expected.ino || status.dev !== expected.dev || !isAt(descriptor, file)) throw replaced(file);
    return work(descriptor, status);
  } catch (error) {
    if (isSecretsError(error)) throw error;
    // Of a path that was just resolved: a directory of it was exchanged.
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) throw replaced(file);
    throw accessError(file, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Whether an open file is the one with this name: only the kernel can tell that no directory on the way was a link when
 * the file was opened. Where it does not tell, comparing the inode must do.
 */
function isAt(descriptor: number, file: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === file;
  } catch {
    return true;
  }
}
