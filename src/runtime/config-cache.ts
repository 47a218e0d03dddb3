import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UnavailableError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { errnoOf } from "../files/errno.js";
import { inspectPrivate, makePrivateDirectory } from "../files/private.js";
import { isDataMap } from "./merge.js";
import type { Data } from "./merge.js";
import type { ParsedFile } from "./parsed-file.js";

/** Part of the name of every entry: raise it when what parsing gives for the same bytes changes. */
const format = 2;
const maximumBytes = 64 * 1024 * 1024;
const daysKept = 30;

/** The name of the entry for a file's bytes. */
export function cacheName(bytes: Uint8Array): string {
  return `config-${format}-${createHash("sha256").update(bytes).digest("hex")}.json`;
}

/**
 * The parsed form of a file, if this user stored it and nobody else could have touched it. Anything doubtful (a link,
 * another owner, open permissions, a wrong checksum, an unreadable file) counts as not there: the file is parsed again.
 */
export function readCached(directory: string, name: string): ParsedFile | undefined {
  const bytes = readPrivate(directory, join(directory, name));
  const end = bytes?.indexOf("\n") ?? -1;
  if (bytes === undefined || end === -1) return undefined;
  const body = bytes.subarray(end + 1);
  if (bytes.toString("latin1", 0, end) !== checksum(body)) return undefined;
  const headEnd = body.indexOf("\n");
  const head: Data = JSON.parse(body.toString("utf8", 0, headEnd));
  if (!isDataMap(head)) return undefined;
  return {
    data: head["data"] ?? null,
    hasVariables: head["hasVariables"] !== false,
    refs: head["hasRefs"] === true ? body.subarray(headEnd + 1) : undefined,
  };
}

/**
 * Stores the parsed form of a file, 0600 in a 0700 directory, and removes entries of the last month but one.
 *
 * @returns whether it was stored; a cache that cannot be written costs time and nothing else
 */
export function writeCached(directory: string, name: string, entry: ParsedFile): boolean {
  try {
    makePrivateDirectory(directory);
    if (!isPrivateDirectory(directory)) return false;
    const { data, hasVariables, refs } = entry;
    const head = JSON.stringify({ data, hasVariables, hasRefs: refs !== undefined });
    const body = Buffer.concat([Buffer.from(`${head}\n`), refs ?? Buffer.alloc(0)]);
    const bytes = Buffer.concat([Buffer.from(`${checksum(body)}\n`), body]);
    writeFileAtomically(join(directory, name), bytes, { mode: 0o600 });
    removeOld(directory);
    return true;
  } catch (error) {
    if (error instanceof UnavailableError) return false;
    throw error;
  }
}

function readPrivate(directory: string, file: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    if (!isPrivateDirectory(directory)) return undefined;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    const isSound = inspectPrivate(file, status) === undefined && status.nlink === 1 && status.size <= maximumBytes;
    return isSound ? readFileSync(descriptor) : undefined;
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isPrivateDirectory(directory: string): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (status === undefined || !status.isDirectory()) return false;
  return process.platform === "win32" || (status.uid === process.geteuid?.() && (status.mode & 0o077) === 0);
}

function removeOld(directory: string): void {
  const limit = Date.now() - daysKept * 86_400_000;
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    if (!name.startsWith("config-")) continue;
    const status = lstatSync(file, { throwIfNoEntry: false });
    if (status !== undefined && status.mtimeMs < limit) rmSync(file, { force: true });
  }
}

function checksum(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
