import { statSync } from "node:fs";
import { dirname } from "node:path";
import { InvalidInputError, quote, throwIfCancelled, UnavailableError, UnsupportedError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { fileError } from "../files/errno.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { changeValue } from "./change-document.js";
import type { SopsFormat, SopsLocation } from "./document.js";
import { makeFile, noFile, openStoredFile, parseStoredFile, readStoredFile } from "./file.js";
import type { StoredFile } from "./file.js";
import { valueFinder } from "./find-value.js";
import { keyNames } from "./metadata.js";
import { addressOf } from "./open-document.js";
import type { OpenedDocument } from "./open-document.js";
import { ruleFor } from "./rules-file.js";
import { gpgOf, toolsOf } from "./store.js";
import type { SopsStore } from "./store.js";
import { sameScalar, scalarOfValue, typeChange } from "./values.js";

/** Permissions of a new file, its owner's alone. One that is there keeps what it has. */
const newFileMode = 0o600;

/**
 * Stores or replaces one value; makes the file, by the rules of the nearest `.sops.yaml`, when there is none.
 *
 * @returns a line about what the caller may not expect
 */
export async function writeValue(
  store: SopsStore,
  address: string,
  value: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  throwIfCancelled(signal);
  if (store.format.name === "binary" && address !== "data") {
    throw new InvalidInputError(`${quote(store.file)} is one value as a whole, and its path is \`data\``);
  }
  // Before anything is locked or asked for.
  scalarOfValue(value, undefined, store.format);
  requireDirectory(store.file);
  return whileLocked(store, signal, async (stored) => {
    if (stored === undefined) return makeStore(store, address, value, signal);
    const { opened, location } = await openAt(store, stored, address, signal);
    const before = location.leaf === undefined ? undefined : opened.values.get(location.leaf);
    const scalar = scalarOfValue(value, before, store.format);
    if (before !== undefined && sameScalar(before, scalar)) return undefined;
    const change = { kind: "set", ...location, scalar } as const;
    await replaceFile(store, stored, await changeValue(opened, change, formOf(store)), signal);
    return typeChange(before, scalar, address);
  });
}

/** Removes one value. @returns `false` when there was none */
export async function deleteValue(
  store: SopsStore,
  address: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  throwIfCancelled(signal);
  if (readStoredFile(store.file) === undefined) throw noFile(store.file);
  return whileLocked(store, signal, async (stored) => {
    if (stored === undefined) throw noFile(store.file);
    const { opened, location } = await openAt(store, stored, address, signal);
    const { leaf, path } = location;
    if (leaf === undefined || leaf.scalar.type === "null") return false;
    requireRemovable(store, location);
    const bytes = await changeValue(opened, { kind: "remove", path, leaf }, formOf(store));
    await replaceFile(store, stored, bytes, signal);
    return true;
  });
}

/** A directory is not made: a misspelt `path` would hide the file, and the rules above it may not be meant for it. */
function requireDirectory(file: string): void {
  const directory = dirname(file);
  try {
    if (statSync(directory, { throwIfNoEntry: false }) !== undefined) return;
  } catch (error) {
    throw fileError("look for", directory, error);
  }
  throw new UnavailableError(`there is no directory ${quote(directory)}`, {
    reason: "not_initialised",
    hint: "correct `path` of the store, or make the directory",
  });
}

/** Reads the file and works on it while no other run of this program does. */
async function whileLocked<T>(
  { file }: SopsStore,
  signal: AbortSignal | undefined,
  work: (stored: StoredFile | undefined) => Promise<T>,
): Promise<T> {
  return withLock(
    file,
    async () => {
      removeLeftovers(file);
      return work(readStoredFile(file));
    },
    { signal },
  );
}

async function openAt(
  store: SopsStore,
  stored: StoredFile,
  address: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly opened: OpenedDocument; readonly location: SopsLocation }> {
  const parsed = await parseStoredFile(store.format, stored.bytes, store.file);
  const opened = await openStoredFile(parsed, await toolsOf(store, signal), store.file);
  return { opened, location: valueFinder(opened, store.file)(address) };
}

async function makeStore(
  store: SopsStore,
  address: string,
  value: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<string> {
  const rule = await ruleFor(store.file, store.rules);
  const made = { path: address.split("/"), scalar: scalarOfValue(value, undefined, store.format) };
  const bytes = await makeFile(store.format, made, rule, {
    gpg: gpgOf(store),
    signal,
    file: store.file,
    now: store.now(),
  });
  throwIfCancelled(signal);
  writeFileAtomically(store.file, bytes, { mode: newFileMode });
  return `made ${quote(store.file)}, encrypted for ${keyNames(rule).map(quote).join(", ")}`;
}

/** The file may have been changed by `sops` itself, which takes no lock. */
async function replaceFile(
  { file }: SopsStore,
  stored: StoredFile,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfCancelled(signal);
  const present = readStoredFile(file);
  if (present === undefined || !present.bytes.equals(stored.bytes)) {
    throw new UnavailableError(`${quote(file)} was changed by another program meanwhile`, { hint: "try again" });
  }
  writeFileAtomically(file, bytes, { mode: stored.mode });
}

function formOf({ format, file, now }: SopsStore): { format: SopsFormat; file: string; now: number } {
  return { format, file, now: now() };
}

function requireRemovable({ file, format }: SopsStore, { path }: SopsLocation): void {
  if (format.name === "binary") {
    throw new UnsupportedError(`${quote(file)} is one value as a whole`, { hint: "remove the file itself" });
  }
  if (typeof path.at(-1) !== "number") return;
  throw new UnsupportedError(
    `${quote(addressOf(path))} is one element of a list: the addresses of those after it would change`,
    {
      hint: "use `sops unset` or `sops edit`, and correct the paths of the references",
    },
  );
}
