import { quote, throwIfCancelled, UnsupportedError } from "../errors.js";
import { pathFault } from "../domain/names.js";
import { gpgEnvironment } from "../gpg/environment.js";
import type { GpgProgram } from "../gpg/program.js";
import type { SopsDocument, SopsFormat, SopsLeaf, SopsPath } from "./document.js";
import { noFile, openStoredFile, parseStoredFile, readStoredFile } from "./file.js";
import type { ParsedFile } from "./file.js";
import { valueFinder } from "./find-value.js";
import type { Identities } from "./identity-sources.js";
import type { KeyTools } from "./master-keys.js";
import { addressOf } from "./open-document.js";
import type { IsEncrypted } from "./selectors.js";
import { valueOfScalar } from "./values.js";

/** One SOPS file as the configuration describes it. */
export interface SopsStore {
  /** Absolute. */
  readonly file: string;
  readonly format: SopsFormat;
  readonly identities: () => Promise<Identities>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The gpg program. */
  readonly program: string;
  /** A `.sops.yaml` in the place of the nearest one. */
  readonly rules: string | undefined;
  /** Whether values are refused that SOPS does not vouch for at their address. */
  readonly strict: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * The values at several addresses, at the cost of one opening.
 *
 * @returns in the order asked; `undefined` where the file holds none
 */
export async function readValues(
  store: SopsStore,
  addresses: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly (Uint8Array | undefined)[]> {
  throwIfCancelled(signal);
  const opened = await openStoredFile(await parseStore(store), await toolsOf(store, signal), store.file);
  const find = valueFinder(opened, store.file);
  return addresses.map((address) => {
    const { leaf } = find(address);
    const scalar = leaf === undefined ? undefined : opened.values.get(leaf);
    const doubt = store.strict ? doubtAbout(leaf ?? { path: indexed(address) }, opened.isEncrypted) : undefined;
    if (doubt !== undefined) throw notStrict(store.file, address, doubt);
    return scalar === undefined ? undefined : valueOfScalar(scalar);
  });
}

/**
 * Why SOPS does not vouch for a value being the one of its address, in words to stand after the address: its MAC covers
 * the values in their order alone, and only what is encrypted is bound to its keys.
 *
 * @param leaf - or the path of what is not there
 */
export function doubtAbout(leaf: SopsLeaf | Pick<SopsLeaf, "path">, isEncrypted: IsEncrypted): string | undefined {
  if ("scalar" in leaf && !isEncrypted(leaf)) return "is not encrypted, so that its name can be changed unseen";
  if (leaf.path.every((part) => typeof part === "string")) return undefined;
  return "is in a list, so that its place can be changed unseen";
}

/** The path of what is not there, where every number may be an index. */
function indexed(address: string): SopsPath {
  return address.split("/").map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
}

function notStrict(file: string, address: string, doubt: string): UnsupportedError {
  return new UnsupportedError(`${quote(address)} of ${quote(file)} ${doubt}`, {
    hint: "the store is `strict`: keep the value encrypted, in a map",
  });
}

/** Every address of a value, sorted; no key is needed, because SOPS leaves names readable. */
export async function listAddresses(
  store: SopsStore,
  signal: AbortSignal | undefined,
): Promise<{ readonly addresses: readonly string[]; readonly leftOut: number }> {
  throwIfCancelled(signal);
  return addressesOf((await parseStore(store)).document);
}

/** The addresses of a document's values, and how many cannot be addressed: a key has a `/`, say. */
export function addressesOf(document: SopsDocument): {
  readonly addresses: readonly string[];
  readonly leftOut: number;
} {
  const values = document.leaves.filter(({ kind, scalar }) => kind === "value" && scalar.type !== "null");
  const addresses = values.flatMap(({ path }) => {
    const isWhole = path.every((part) => typeof part === "number" || !part.includes("/"));
    return isWhole && pathFault(addressOf(path)) === undefined ? [addressOf(path)] : [];
  });
  return { addresses: [...new Set(addresses)].toSorted(), leftOut: values.length - addresses.length };
}

/** The file of a store, parsed. @throws UnavailableError `not_initialised` when there is none */
export async function parseStore(store: SopsStore): Promise<ParsedFile> {
  const stored = readStoredFile(store.file);
  if (stored === undefined) throw noFile(store.file);
  return parseStoredFile(store.format, stored.bytes, store.file);
}

/** What keys are opened with. */
export async function toolsOf(store: SopsStore, signal: AbortSignal | undefined): Promise<KeyTools> {
  return { identities: await store.identities(), gpg: gpgOf(store), signal };
}

/** How gpg is run. */
export function gpgOf({ program, environment }: SopsStore): GpgProgram {
  return { program, environment: gpgEnvironment(environment) };
}
