import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fdatasyncSync,
  openSync,
  readFileSync,
  realpathSync,
  writeSync,
} from "node:fs";
import * as path from "node:path";
import { IntegrityError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { errnoOf, fileError } from "../files/errno.js";
import { makePrivateDirectory, requirePrivateDirectory } from "../files/private.js";
import { noHash } from "./canonical.js";

/** The end of a log: its size in bytes, the hash of its last record, the number of records. */
export interface Head {
  readonly size: number;
  readonly hash: string;
  readonly count: number;
}

/** The head as kept outside the log. `next` is there while a record is being written, and after a crash doing so. */
export interface Anchor extends Head {
  readonly next?: Head;
}

/** The head of a log without records. */
export const emptyHead: Head = { size: 0, hash: noHash, count: 0 };

/** Room for two heads with the largest numbers, within one disk sector. */
const headsWidth = 400;

/**
 * The log's path with links in its directory resolved: what the anchor is filed under.
 *
 * @throws UnavailableError when the directory is not there
 */
export function realLogPath(file: string): string {
  const directory = path.dirname(path.resolve(file));
  try {
    return path.join(realpathSync(directory), path.basename(file));
  } catch (error) {
    throw fileError("open the directory", directory, error, `make the directory, or correct \`audit.path\``);
  }
}

/** Where the head of a log is kept: `audit/<SHA-256 of its path>.json` in the user's state directory. */
export function anchorPath(logPath: string, stateDirectory: string): string {
  return path.join(stateDirectory, "audit", `${createHash("sha256").update(logPath).digest("hex")}.json`);
}

/**
 * @returns `undefined` when the log was never anchored here
 * @throws IntegrityError when the anchor is damaged
 * @throws UnavailableError when it cannot be read, or others can change what is in the state directory
 */
export function readAnchor(anchorFile: string, logPath: string): Anchor | undefined {
  const directory = path.dirname(anchorFile);
  requirePrivateDirectory(path.dirname(directory));
  requirePrivateDirectory(directory);
  let text: string;
  try {
    text = readFileSync(anchorFile, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError("read", anchorFile, error);
  }
  const anchor = parseAnchor(text, logPath);
  if (anchor !== undefined) return anchor;
  throw new IntegrityError(`the anchor of the audit log is damaged: ${quote(anchorFile)}`, {
    hint: "run `mxm-secrets audit verify`; remove the anchor only when you know how it was damaged",
  });
}

/**
 * Sets the anchor; the caller holds the log's lock. An existing one is overwritten in place: the heads stand in the
 * first 512 bytes and nothing else changes, therefore neither a killed process nor a power cut leaves half of it.
 *
 * @param options.flush - whether to return only when it is on the disk
 * @throws UnavailableError when it cannot be written
 */
export function writeAnchor(
  anchorFile: string,
  logPath: string,
  anchor: Anchor,
  options: { readonly flush: boolean },
): void {
  const bytes = Buffer.from(formatAnchor(logPath, anchor));
  let descriptor: number;
  try {
    descriptor = openSync(anchorFile, constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileError("write", anchorFile, error);
    makePrivateDirectory(path.dirname(anchorFile));
    writeFileAtomically(anchorFile, bytes, { mode: 0o600 });
    return;
  }
  try {
    writeSync(descriptor, bytes, 0, bytes.length, 0);
    if (options.flush) fdatasyncSync(descriptor);
  } catch (error) {
    throw fileError("write", anchorFile, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether {@link writeAnchor} could write, without writing. @throws UnavailableError when it could not */
export function requireWritableAnchor(anchorFile: string): void {
  for (let place = anchorFile; ; place = path.dirname(place)) {
    try {
      accessSync(place, place === anchorFile ? constants.W_OK : constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      // What is not there yet is made in the nearest directory that is.
      if (errnoOf(error) !== "ENOENT" || place === path.dirname(place)) throw fileError("write", place, error);
    }
  }
}

/** JSON whose heads are padded with blanks to the same width, so that every anchor of one log has the same length. */
function formatAnchor(logPath: string, { size, hash, count, next }: Anchor): string {
  const heads = JSON.stringify({ size, hash, count, next });
  return `${heads.slice(0, -1).padEnd(headsWidth)},"file":${JSON.stringify(logPath)}}\n`;
}

function parseAnchor(text: string, logPath: string): Anchor | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const head = parseHead(data);
  if (head === undefined || !("file" in head.data) || head.data.file !== logPath) return undefined;
  if (!("next" in head.data)) return head.head;
  const next = parseHead(head.data.next);
  return next === undefined || next.head.size <= head.head.size ? undefined : { ...head.head, next: next.head };
}

function parseHead(data: unknown): { readonly head: Head; readonly data: object } | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  if (!("size" in data) || !("hash" in data) || !("count" in data)) return undefined;
  const { size, hash, count } = data;
  if (!isCount(size) || !isCount(count) || typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  return { head: { size, hash, count }, data };
}

function isCount(field: unknown): field is number {
  return typeof field === "number" && Number.isSafeInteger(field) && field >= 0;
}
