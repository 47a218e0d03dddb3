import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { errnoOf, fileError } from "./errno.js";

/**
 * Replaces a file so that, whatever happens, it holds either all of the old content or all of the new: a new file in
 * the same directory, flushed to the disk, renamed over the old one, and the directory flushed. A symbolic link that
 * this user (or root) made is followed, so that the link survives.
 *
 * @param options.mode - permissions of the new file, whatever the umask, such as `0o600`
 * @param options.compare - read the new file back before it takes the place of the old one. Default: false
 * @throws UnavailableError naming the file and the reason; the old file is intact and no other file is left
 */
export function writeFileAtomically(
  file: string,
  bytes: string | Uint8Array,
  options: { readonly mode: number; readonly compare?: boolean },
): void {
  const target = behindLink(file);
  const temporary = join(dirname(target), temporaryStart(target) + randomBytes(6).toString("hex") + temporaryEnd);
  try {
    writeNewFile(temporary, bytes, options.mode);
    if (options.compare === true && !readFileSync(temporary).equals(Buffer.from(bytes))) {
      throw new UnavailableError(`cannot write ${quote(file)}: what was written does not read back the same`);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (error instanceof UnavailableError) throw error;
    throw fileError("write", file, error);
  }
  flushDirectory(dirname(target));
}

const maximumNameBytes = 255;
const temporaryEnd = ".tmp";

/** How the names of new files for a target begin: with its own name, or what stands for one that leaves no room. */
export function temporaryStart(target: string): string {
  const name = basename(target);
  const most = maximumNameBytes - ".".length - 12 - temporaryEnd.length;
  if (Buffer.byteLength(name) <= most) return `${name}.`;
  return `.${createHash("sha256").update(name).digest("hex").slice(0, 32)}.`;
}

/**
 * Creates a file that must not exist yet and flushes it to the disk.
 *
 * @throws the system's error, `EEXIST` when there is such a file; a file begun by this call is the caller's to remove
 */
function writeNewFile(file: string, bytes: string | Uint8Array, mode: number): void {
  const descriptor = openSync(file, "wx", mode);
  try {
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes renames and new files in a directory survive a power cut, where the system can. */
function flushDirectory(directory: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(directory, "r");
  } catch {
    // Windows cannot open directories, and a directory may be writable without being readable.
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (errnoOf(error) === "EIO") throw fileError("write", directory, error);
  } finally {
    closeSync(descriptor);
  }
}

function behindLink(file: string): string {
  let status: Stats | undefined;
  try {
    status = lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError("write", file, error);
  }
  if (status === undefined || !status.isSymbolicLink()) return file;
  const user = process.geteuid?.();
  if (user !== undefined && status.uid !== user && status.uid !== 0) {
    throw new UnavailableError(`cannot write ${quote(file)}: it is a symbolic link made by another user`);
  }
  try {
    return realpathSync(file);
  } catch (error) {
    throw fileError("write", file, error, "the symbolic link leads nowhere");
  }
}
