import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { isSecretsError, quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { withoutLineEnd } from "../domain/line-end.js";
import type { LineEndPolicy } from "../domain/line-end.js";
import { readBounded } from "../files/bounded.js";
import { errnoOf } from "../files/errno.js";
import { Patience } from "../files/patience.js";
import type { PrivateFault } from "../files/private.js";
import { permissionFault } from "./grade.js";
import { accessError, DanglingLink, findRoot, locate, notRegular } from "./place.js";

/** A directory with one file for each secret. */
export interface FileTree {
  /** Absolute. */
  readonly root: string;
  readonly lineEnd: LineEndPolicy;
  readonly maximumBytes: number;
  /** Whether files of a disk may be open to the group and to others. */
  readonly allowOpen: boolean;
}

/** How long a directory may change under us before that is an error. A volume is replaced by one rename. */
const settleMilliseconds = 500;

/** What was being read has been replaced meanwhile: to be read again. */
class Replaced extends UnavailableError {
  constructor(file: string) {
    super(`${quote(file)} was replaced each time it was read`, { hint: "try again when its writer is done" });
  }
}

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
  const patience = new Patience(settleMilliseconds, signal);
  for (;;) {
    throwIfCancelled(signal);
    try {
      return readOnce(tree, paths, signal);
    } catch (error) {
      if (!(error instanceof Replaced || error instanceof DanglingLink)) throw error;
      if (!(await patience.sleep())) throw error;
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
  for (const [path, file] of resolve()) if (file !== before.get(path)) throw new Replaced(path);
  return paths.map((path) => values.get(path));
}

function readFile(file: string, tree: FileTree): Buffer {
  return withFile(file, (descriptor, status) => {
    const fault = tree.allowOpen ? undefined : permissionFault(file, status);
    if (fault !== undefined) throw permissionError(fault);
    const bytes = readBounded(descriptor, tree.maximumBytes, status.size);
    if (bytes === undefined) throw new UnavailableError(`${quote(file)} is longer than ${tree.maximumBytes} bytes`);
    const after = fstatSync(descriptor);
    if (after.size !== status.size || after.mtimeMs !== status.mtimeMs) throw new Replaced(file);
    return bytes;
  });
}

/** The error for a file that is open to more than its owner. */
export function permissionError({ message, hint }: PrivateFault): UnavailableError {
  return new UnavailableError(message, { hint: `${hint}, or give \`--allow-insecure-permissions\`` });
}

/**
 * Opens a regular file for reading, and nothing else: a named pipe or a device is not even opened, and a link put there
 * since the path was resolved is not followed.
 *
 * @param file - from {@link locate}
 * @throws Replaced when something else has taken its place since
 */
export function withFile<T>(file: string, work: (descriptor: number, status: Stats) => T): T {
  let descriptor: number | undefined;
  try {
    const expected = lstatSync(file);
    if (expected.isSymbolicLink()) throw new Replaced(file);
    if (!expected.isFile()) throw notRegular(file);
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    const status = fstatSync(descriptor);
    if (status.ino !== expected.ino || status.dev !== expected.dev || !isAt(descriptor, file)) throw new Replaced(file);
    return work(descriptor, status);
  } catch (error) {
    if (isSecretsError(error)) throw error;
    // Of a path that was just resolved: a directory of it was exchanged.
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) throw new Replaced(file);
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
