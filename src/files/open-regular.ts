import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { quote, UnavailableError } from "../errors.js";
import { errnoOf, fileError } from "./errno.js";

/**
 * Opens a regular file for reading. Anything else at its place, a named pipe or a device, is refused and not waited for.
 *
 * @param options.follow - whether the file may be a symbolic link. Default: true
 * @param options.hint - what to do when there is something else. Default: to give the path of a file
 * @returns the descriptor, to be closed by the caller, or `undefined` when there is no such file
 * @throws UnavailableError
 */
export function openRegular(
  file: string,
  options: { readonly follow?: boolean; readonly hint?: string } = {},
): number | undefined {
  const noFollow = options.follow === false ? (constants.O_NOFOLLOW ?? 0) : 0;
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noFollow);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError("read", file, error);
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new UnavailableError(`${quote(file)} is not a regular file`, {
    hint: options.hint ?? "give the path of a file",
  });
}

/**
 * The text of a regular file of at most `maximumBytes`.
 *
 * @returns `undefined` when there is no such file
 * @throws UnavailableError when it is no regular file, longer, or cannot be read
 */
export function readRegular(file: string, maximumBytes: number): string | undefined {
  const descriptor = openRegular(file);
  if (descriptor === undefined) return undefined;
  try {
    if (fstatSync(descriptor).size > maximumBytes) {
      throw new UnavailableError(`${quote(file)} is longer than ${maximumBytes} bytes`);
    }
    return readFileSync(descriptor, "utf8");
  } catch (error) {
    throw error instanceof UnavailableError ? error : fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
}
