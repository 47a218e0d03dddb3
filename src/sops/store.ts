import { throwIfCancelled } from "../errors.js";
import { pathFault } from "../domain/names.js";
import { gpgEnvironment } from "../gpg/environment.js";
import type { GpgProgram } from "../gpg/program.js";
import type { SopsDocument, SopsFormat } from "./document.js";
import { noFile, openStoredFile, parseStoredFile, readStoredFile } from "./file.js";
import type { ParsedFile } from "./file.js";
import type { Identities } from "./identity-sources.js";
import type { KeyTools } from "./master-keys.js";
import { addressOf } from "./open-document.js";
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
  return addresses.map((address) => {
    const { leaf } = opened.document.locate(address);
    const scalar = leaf === undefined ? undefined : opened.values.get(leaf);
    return scalar === undefined ? undefined : valueOfScalar(scalar);
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
