import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { Stats } from "node:fs";
import { CancelledError, IntegrityError, isSecretsError, quote, UnavailableError } from "../errors.js";
import { errnoInWords, errnoOf, fileError } from "../files/errno.js";
import { withLock } from "../files/lock.js";
import { shellWord } from "../files/private.js";
import { anchorPath, emptyHead, readAnchor, realLogPath, requireWritableAnchor, writeAnchor } from "./anchor.js";
import type { Anchor, Head } from "./anchor.js";
import { followChain } from "./chain.js";
import { readLastLine } from "./lines.js";
import { formatRecord, parseRecord } from "./canonical.js";
import type { AuditEvent } from "./record.js";
import type { AuditSink } from "./sink.js";

export interface AuditLogOptions {
  /** The log, JSON Lines; made when it is not there, in a directory that is. */
  readonly file: string;
  /** Where the head of the chain is anchored. */
  readonly stateDirectory: string;
  /** Current time, milliseconds since the epoch. */
  readonly now: () => number;
}

/** A log and the file its head is anchored in. */
interface Place {
  readonly file: string;
  readonly anchorFile: string;
}

/**
 * The append-only log. Each append takes the log's lock, checks the end of the file against the anchored head, announces
 * the new head in the anchor, writes one record, flushes it and confirms the head. Its cost does not depend on the length
 * of the log. A process killed at any moment leaves a log that the next append puts right.
 */
export function openAuditLog(options: AuditLogOptions): AuditSink {
  return {
    append: async (event) => {
      try {
        const file = realLogPath(options.file);
        await withLock(file, () => appendUnderLock(file, event, options));
      } catch (error) {
        throw appendError(error);
      }
    },
  };
}

/**
 * Whether a record could be appended now, as {@link openAuditLog} would: changes and makes nothing but the lock.
 *
 * @throws UnavailableError when the log or its anchor cannot be written or others can change them, IntegrityError when
 * the end of the log is not as it was left
 */
export async function requireAppendable(options: Omit<AuditLogOptions, "now">): Promise<void> {
  const file = realLogPath(options.file);
  await withLock(file, () => {
    const anchorFile = anchorPath(file, options.stateDirectory);
    const place = { file, anchorFile };
    const anchor = readAnchor(anchorFile, file);
    try {
      const descriptor = openLog(place, anchor, { make: false });
      if (descriptor === undefined) return;
      try {
        confirmHead(descriptor, place, anchor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw isSecretsError(error) ? error : fileError("write", file, error);
    }
    requireWritableAnchor(anchorFile);
  });
}

/** What to do about a log that is not as it was left. */
export function newLogHint(where: { readonly file: string; readonly stateDirectory: string }): string {
  const anchorFile = anchorPath(realLogPath(where.file), where.stateDirectory);
  return `restore it from a copy; to begin a new log, keep this one elsewhere and run \`rm ${shellWord(anchorFile)}\``;
}

function appendUnderLock(file: string, event: AuditEvent, options: AuditLogOptions): void {
  const anchorFile = anchorPath(file, options.stateDirectory);
  const place = { file, anchorFile };
  const anchor = readAnchor(anchorFile, file);
  const descriptor = openLog(place, anchor, { make: true });
  try {
    const head = confirmHead(descriptor, place, anchor);
    if (fstatSync(descriptor).size > head.size) ftruncateSync(descriptor, head.size);
    const { line, hash } = formatRecord(event, options.now(), head.hash);
    const bytes = Buffer.from(line);
    const next: Head = { size: head.size + bytes.length, hash, count: head.count + 1 };
    writeAnchor(anchorFile, file, { ...head, next }, { flush: true });
    const written = writeSync(descriptor, bytes);
    if (written !== bytes.length) throw new UnavailableError(`only a part of the record fitted into ${quote(file)}`);
    fdatasyncSync(descriptor);
    writeAnchor(anchorFile, file, next, { flush: false });
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens the log for appending. One that was never begun is made, or else `undefined`.
 *
 * @throws IntegrityError when it is gone
 */
function openLog(place: Place, anchor: Anchor | undefined, options: { readonly make: true }): number;
function openLog(place: Place, anchor: Anchor | undefined, options: { readonly make: false }): number | undefined;
function openLog(place: Place, anchor: Anchor | undefined, options: { readonly make: boolean }): number | undefined {
  const { file } = place;
  const flags = constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
  let descriptor: number;
  try {
    descriptor = openSync(file, flags);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    if (anchor !== undefined && anchor.size > 0) throw tampered(place, "it is gone");
    if (!options.make) return undefined;
    return openSync(file, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
  }
  const fault = logFault(file, fstatSync(descriptor));
  if (fault === undefined) return descriptor;
  closeSync(descriptor);
  throw fault;
}

function logFault(file: string, status: Stats): UnavailableError | undefined {
  if (!status.isFile()) return new UnavailableError(`${quote(file)} is not a regular file`);
  if (process.platform === "win32" || (status.mode & 0o022) === 0) return undefined;
  return new UnavailableError(`other users can change ${quote(file)}`, {
    hint: `run \`chmod 600 ${shellWord(file)}\``,
  });
}

/**
 * The head that the log really has. With `next` pending a writer was killed: its record is there whole, in part (then the
 * part, which is after the head, is to be cut off) or not at all.
 *
 * @throws IntegrityError when the log is anything but what the anchor says
 */
function confirmHead(descriptor: number, place: Place, anchor: Anchor | undefined): Head {
  const { size } = fstatSync(descriptor);
  if (anchor === undefined) return size === 0 ? emptyHead : adopt(descriptor, place, size);
  const { next, ...head } = anchor;
  if (next !== undefined && size === next.size && endsWith(descriptor, next)) return next;
  if (size < head.size) throw tampered(place, `it is shorter than when record ${head.count} was written`);
  if (size > (next ?? head).size) throw tampered(place, `something else wrote after record ${(next ?? head).count}`);
  if (!endsWith(descriptor, head)) throw tampered(place, `record ${head.count} is not the one that was written`);
  return head;
}

function endsWith(descriptor: number, head: Head): boolean {
  if (head.size === 0) return true;
  const line = readLastLine(descriptor, head.size);
  return line !== undefined && parseRecord(line)?.hash === head.hash;
}

/** A log that was never anchored here (moved, or another user's) is accepted when its whole chain is good. */
function adopt(descriptor: number, place: Place, size: number): Head {
  const { head, fault } = followChain(descriptor, size);
  if (fault !== undefined) throw tampered(place, fault.message);
  return head;
}

function tampered({ file, anchorFile }: Place, what: string): IntegrityError {
  return new IntegrityError(`the audit log ${quote(file)} is not as it was left: ${what}`, {
    hint: `run \`mxm-secrets audit verify\`; to begin a new log, keep this one elsewhere and run \`rm ${shellWord(anchorFile)}\``,
  });
}

function appendError(error: unknown): IntegrityError | CancelledError | UnavailableError {
  if (error instanceof IntegrityError || error instanceof CancelledError) return error;
  const reason = isSecretsError(error) ? [error.message, error.hint].filter(Boolean).join("; ") : errnoInWords(error);
  return new UnavailableError("the audit record cannot be written", { cause: error, hint: reason });
}
