import { AccessDeniedError, quote, UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";

const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be larger than allowed",
  EIO: "input/output error",
  EISDIR: "it is a directory",
  ELOOP: "it is a symbolic link",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "too many open files in the system",
  ENOENT: "no such file or directory",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is not a directory",
  ENOTSUP: "the file system cannot do this",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ETXTBSY: "the file is in use",
};

/** The errno name of a failed system call (`ENOENT`), or `undefined` when the thrown thing is something else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The reason of a failed system call in words, for a message: `the disk is full`. */
export function errnoInWords(error: unknown): string {
  const errno = errnoOf(error);
  if (errno === undefined) return "unexpected error";
  return words[errno] ?? errno;
}

/**
 * The error for a file that could not be used.
 *
 * @param verb - what was tried, to stand after `cannot`: `write`, `lock`
 */
export function fileError(verb: string, file: string, error: unknown, hint?: string): UnavailableError {
  return new UnavailableError(`cannot ${verb} ${quote(file)}: ${errnoInWords(error)}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The error for a file or directory of a store that cannot be read: denied, where the system does not let this user. */
export function accessError(file: string, error: unknown): SecretsError {
  const errno = errnoOf(error);
  if (errno === "ELOOP") {
    return new UnavailableError(`${quote(file)} leads in a circle of symbolic links`, { cause: error });
  }
  if (errno !== "EACCES" && errno !== "EPERM") return fileError("read", file, error);
  return new AccessDeniedError(`the system does not let this user read ${quote(file)}: permission denied`, {
    cause: error,
    hint: `see who may: \`ls -lL\`, and \`id\` for who this is`,
  });
}
