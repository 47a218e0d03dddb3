import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import * as path from "node:path";
import { ConfigurationError, IntegrityError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { errnoOf, fileError } from "../files/errno.js";
import { inspectPrivate, makePrivateDirectory, requirePrivateDirectory } from "../files/private.js";

/** Profiles and local files give one file several faces; the oldest is forgotten first. */
const hashesKept = 20;

/** What is kept of one trusted face of a configuration, both SHA-256 in hexadecimal digits. */
export interface Trusted {
  /** Of all that is trusted. */
  readonly hash: string;
  /** Of the same without what is in files: equal where nothing but a file has changed. */
  readonly shape: string;
}

/** What this user trusts of one configuration file. */
export interface TrustRecord {
  /** The real path of the configuration. */
  readonly file: string;
  /** Newest last. */
  readonly hashes: readonly string[];
  /** {@link Trusted.shape} of each, for messages alone; records of older versions have none. */
  readonly shapes?: readonly string[];
  /** When trust was last given, ISO 8601, UTC. */
  readonly at: string;
}

/**
 * Everything this user trusts, by real path. Empty when nothing was recorded yet.
 *
 * @throws ConfigurationError when others could have written the record
 * @throws UnavailableError when others can change what is in the state directory
 * @throws IntegrityError when it is damaged
 */
export function readTrust(stateDirectory: string): ReadonlyMap<string, TrustRecord> {
  requirePrivateDirectory(stateDirectory);
  const file = trustFile(stateDirectory);
  const text = readOwn(file);
  if (text === undefined) return new Map();
  const records = parse(text);
  if (records === undefined) {
    throw new IntegrityError(`the record of trust ${quote(file)} is damaged`, {
      hint: "remove it, and trust your configurations again",
    });
  }
  return new Map(records.map((record) => [record.file, record]));
}

/** Records that this user trusts a configuration as it is. */
export async function recordTrust(stateDirectory: string, file: string, trusted: Trusted, now: number): Promise<void> {
  const real = realpathSync(file);
  await change(stateDirectory, (records) => {
    const { hashes = [], shapes = [] } = records.get(real) ?? {};
    records.set(real, {
      file: real,
      hashes: withLast(hashes, trusted.hash),
      shapes: withLast(shapes, trusted.shape),
      at: new Date(now).toISOString(),
    });
  });
}

function withLast(known: readonly string[], last: string): readonly string[] {
  return [...known.filter((one) => one !== last), last].slice(-hashesKept);
}

/** Forgets what this user trusts of a configuration, which need not exist any more. @returns `false` when nothing was */
export async function revokeTrust(stateDirectory: string, file: string): Promise<boolean> {
  let isRevoked = false;
  await change(stateDirectory, (records) => {
    const real = existsSync(file) ? realpathSync(file) : path.resolve(file);
    isRevoked = records.delete(real);
  });
  return isRevoked;
}

/** Everything this user trusts, sorted by path. */
export function listTrust(stateDirectory: string): readonly TrustRecord[] {
  return [...readTrust(stateDirectory).values()].toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

async function change(stateDirectory: string, edit: (records: Map<string, TrustRecord>) => void): Promise<void> {
  // Every command may read what is trusted; only `trust` itself needs to write.
  const { withLock } = await import("../files/lock.js");
  makePrivateDirectory(stateDirectory);
  const file = trustFile(stateDirectory);
  await withLock(file, () => {
    const records = new Map(readTrust(stateDirectory));
    edit(records);
    const trusted = [...records.values()].toSorted((one, other) => (one.file < other.file ? -1 : 1));
    writeFileAtomically(file, `${JSON.stringify({ version: 1, trusted }, null, 2)}\n`, { mode: 0o600 });
  });
}

function readOwn(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError("read", file, error);
  }
  try {
    const fault = inspectPrivate(file, fstatSync(descriptor));
    if (fault !== undefined) throw new ConfigurationError(fault.message, [], { hint: fault.hint });
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string): readonly TrustRecord[] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof data !== "object" || data === null || !("version" in data) || data.version !== 1) return undefined;
  if (!("trusted" in data) || !Array.isArray(data.trusted)) return undefined;
  const items: readonly unknown[] = data.trusted;
  return items.every(isRecord) ? items : undefined;
}

function isRecord(value: unknown): value is TrustRecord {
  if (typeof value !== "object" || value === null || !("file" in value) || !("hashes" in value)) return false;
  const { file, hashes } = value;
  const shapes = "shapes" in value ? value.shapes : [];
  return typeof file === "string" && isListOfText(hashes) && isListOfText(shapes);
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function trustFile(stateDirectory: string): string {
  return path.join(stateDirectory, "trust.json");
}
