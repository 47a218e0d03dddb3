import { createHash } from "node:crypto";
import { readEntry } from "./cache-files.js";
import { writeEntry } from "./cache-write.js";
import { isDataMap } from "./merge.js";
import type { Data } from "./merge.js";
import type { ParsedFile } from "./parsed-file.js";

/** Part of the name of every entry: raise it when what parsing gives for the same bytes changes. */
const format = 2;

/** The name of the entry for a file's bytes. */
export function cacheName(bytes: Uint8Array): string {
  return `config-${format}-${createHash("sha256").update(bytes).digest("hex")}.json`;
}

/** The parsed form of a file. Anything doubtful counts as not there: the file is parsed again. */
export function readCached(directory: string, name: string): ParsedFile | undefined {
  const bytes = readEntry(directory, name);
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

/** Stores the parsed form of a file. @returns whether it was stored */
export function writeCached(directory: string, name: string, { data, hasVariables, refs }: ParsedFile): boolean {
  const head = JSON.stringify({ data, hasVariables, hasRefs: refs !== undefined });
  const body = Buffer.concat([Buffer.from(`${head}\n`), refs ?? Buffer.alloc(0)]);
  return writeEntry(directory, name, [Buffer.from(`${checksum(body)}\n`), body]);
}

function checksum(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
