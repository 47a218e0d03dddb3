import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { IntegrityError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { errnoOf, fileError } from "../files/errno.js";
import { makePrivateDirectory, requirePrivateDirectory } from "../files/private.js";
import { decodeBase64 } from "./encoding.js";

/** Which store was seen at a path. */
export interface PathPin {
  readonly path: string;
  /** Base64. */
  readonly storeId: string;
  /** The store that a change of format is about to put in its place, base64. */
  readonly next?: string | undefined;
}

/** Which stores were seen through the configurations of one directory. */
export interface OriginPin {
  /** The directory, without symbolic links. */
  readonly origin: string;
  /** Base64, in the order in which they were first seen. */
  readonly storeIds: readonly string[];
}

/** What was last seen of a store, wherever its file lies. */
export interface StorePin {
  /** Base64. */
  readonly storeId: string;
  /** The highest generation seen. */
  readonly generation: number;
  /** How much of the log of writers was seen, and its hash in hex. */
  readonly writers: { readonly count: number; readonly hash: string };
}

/** @returns `undefined` when no store was seen at this absolute path @throws IntegrityError when the record is damaged */
export function readPathPin(stateDirectory: string, path: string): PathPin | undefined {
  const file = pathPinFile(stateDirectory, path);
  const data = readJson(file);
  if (data === undefined) return undefined;
  const { storeId, next } = data;
  if (data["path"] !== path || !isStoreId(storeId) || (next !== undefined && !isStoreId(next))) throw damaged(file);
  return { path, storeId, next };
}

/** @returns `undefined` when no store was seen from there @throws IntegrityError when the record is damaged */
export function readOriginPin(stateDirectory: string, origin: string): OriginPin | undefined {
  const file = originPinFile(stateDirectory, origin);
  const data = readJson(file);
  if (data === undefined) return undefined;
  const { storeIds } = data;
  if (data["origin"] !== origin || !Array.isArray(storeIds) || !storeIds.every(isStoreId)) throw damaged(file);
  return { origin, storeIds };
}

/** @returns `undefined` when this store was never seen @throws IntegrityError when the record is damaged */
export function readStorePin(stateDirectory: string, storeId: string): StorePin | undefined {
  const file = storePinFile(stateDirectory, storeId);
  const data = readJson(file);
  if (data === undefined) return undefined;
  const { generation, writers } = data;
  if (data["storeId"] !== storeId || !isCount(generation) || !isRecord(writers)) throw damaged(file);
  const { count, hash: logHash } = writers;
  if (!isCount(count) || typeof logHash !== "string" || !/^[0-9a-f]{64}$/.test(logHash)) throw damaged(file);
  return { storeId, generation, writers: { count, hash: logHash } };
}

export function writePathPin(stateDirectory: string, pin: PathPin): void {
  writeJson(pathPinFile(stateDirectory, pin.path), pin);
}

export function writeOriginPin(stateDirectory: string, pin: OriginPin): void {
  writeJson(originPinFile(stateDirectory, pin.origin), pin);
}

export function writeStorePin(stateDirectory: string, pin: StorePin): void {
  writeJson(storePinFile(stateDirectory, pin.storeId), pin);
}

/** Where the pin of a store is kept; also what is locked while pins change. */
export function storePinFile(stateDirectory: string, storeId: string): string {
  return join(stateDirectory, "sealed", `store-${Buffer.from(storeId, "base64").toString("hex")}.json`);
}

/** Where the pin of a path is kept. */
export function pathPinFile(stateDirectory: string, path: string): string {
  return join(stateDirectory, "sealed", `path-${hash("sha256", path)}.json`);
}

/** Where the pin of a directory with a configuration is kept; also what is locked while it changes. */
export function originPinFile(stateDirectory: string, origin: string): string {
  return join(stateDirectory, "sealed", `origin-${hash("sha256", origin)}.json`);
}

/** Makes the directories that pins are kept in. @throws UnavailableError when others can change what is in them */
export function makePinDirectory(stateDirectory: string): void {
  makePrivateDirectory(stateDirectory);
  makePrivateDirectory(join(stateDirectory, "sealed"));
}

/** @throws UnavailableError when others can change the pins: they say nothing then */
export function requireOwnPins(stateDirectory: string): void {
  requirePrivateDirectory(stateDirectory);
  requirePrivateDirectory(join(stateDirectory, "sealed"));
}

function readJson(file: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw fileError("read", file, error);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw damaged(file);
  }
  if (!isRecord(data)) throw damaged(file);
  return data;
}

function writeJson(file: string, data: PathPin | OriginPin | StorePin): void {
  writeFileAtomically(file, `${JSON.stringify(data)}\n`, { mode: 0o600 });
}

function damaged(file: string): IntegrityError {
  return new IntegrityError(`${quote(file)}, which records what was seen of a sealed store, is damaged`, {
    hint: "after checking the store with a writer, run `mxm-secrets trust --store NAME` to record it anew",
  });
}

function isStoreId(value: unknown): value is string {
  return typeof value === "string" && decodeBase64(value)?.length === 16;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
