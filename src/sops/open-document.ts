import { createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrityError, quote } from "../errors.js";
import { associatedData, decryptScalar } from "./cipher.js";
import type { SopsDocument, SopsLeaf, SopsPath, SopsScalar } from "./document.js";
import { computeMac, verifyMac } from "./mac.js";
import type { MacLeaf } from "./mac.js";
import type { SopsMetadata } from "./metadata.js";
import { compileSelector } from "./selectors.js";
import type { IsEncrypted } from "./selectors.js";

/** A document whose MAC was found right, with its values. */
export interface OpenedDocument {
  readonly document: SopsDocument;
  readonly metadata: SopsMetadata;
  readonly key: KeyObject;
  readonly isEncrypted: IsEncrypted;
  /** Every value that is not null, decrypted. */
  readonly values: ReadonlyMap<SopsLeaf, SopsScalar>;
}

/** How many bytes a data key has: a key of AES-256. */
export const dataKeyLength = 32;

/**
 * Decrypts a whole document and verifies its MAC, before anything of it can be used.
 *
 * @param key - the data key
 * @param file - its name, for errors
 * @throws IntegrityError, naming the place, when a value does not decrypt, is not encrypted where it must be, or the MAC
 *   is missing or another
 */
export async function openDocument(
  document: SopsDocument,
  metadata: SopsMetadata,
  key: KeyObject,
  file: string,
): Promise<OpenedDocument> {
  const { isEncrypted, values, mac } = await decryptValues(document, metadata, key, file);
  try {
    verifyMac(metadata.mac, mac, key, metadata.lastModified);
  } catch (error) {
    throw located(error, file, undefined);
  }
  return { document, metadata, key, isEncrypted, values };
}

/**
 * Decrypts every value and computes the MAC they have, whatever MAC the file has: for what is about to get one.
 *
 * @throws IntegrityError as {@link openDocument} does, but for the MAC
 */
export async function decryptValues(
  document: SopsDocument,
  { selector, macOnlyEncrypted }: Pick<SopsMetadata, "selector" | "macOnlyEncrypted">,
  key: KeyObject,
  file: string,
): Promise<Pick<OpenedDocument, "isEncrypted" | "values"> & { readonly mac: string }> {
  const isEncrypted = await compileSelector(selector, file);
  const values = new Map<SopsLeaf, SopsScalar>();
  const covered: MacLeaf[] = [];
  for (const leaf of document.leaves) {
    if (leaf.kind === "comment" || leaf.scalar.type === "null") continue;
    const encrypted = isEncrypted(leaf);
    const scalar = encrypted ? decryptLeaf(leaf, key, file) : leaf.scalar;
    values.set(leaf, scalar);
    covered.push({ scalar, encrypted });
  }
  return { isEncrypted, values, mac: computeMac(covered, macOnlyEncrypted) };
}

/** @throws IntegrityError when what the keys gave is no data key */
export function dataKeyObject(dataKey: Uint8Array, file: string): KeyObject {
  if (dataKey.length === dataKeyLength) return createSecretKey(dataKey);
  throw new IntegrityError(`${quote(file)}: what its keys hold is not a data key`);
}

function decryptLeaf(leaf: SopsLeaf, key: KeyObject, file: string): SopsScalar {
  try {
    return decryptScalar(leaf.scalar, key, associatedData(leaf.path));
  } catch (error) {
    throw located(error, file, leaf);
  }
}

function located(error: unknown, file: string, leaf: SopsLeaf | undefined): unknown {
  if (!(error instanceof IntegrityError)) return error;
  const where = leaf === undefined ? quote(file) : `${quote(file)} line ${leaf.line}: ${quote(addressOf(leaf.path))}`;
  const hint =
    leaf === undefined
      ? "restore the file from its history; `sops decrypt` of a good copy ends without an error"
      : "restore the file from its history";
  return new IntegrityError(`${where}: ${error.message}`, {
    hint,
    problems: [
      { path: leaf?.path ?? [], message: error.message, file, ...(leaf === undefined ? {} : { line: leaf.line }) },
    ],
    cause: error,
  });
}

/** `users/0/token`: a path as references have it. */
export function addressOf(path: SopsPath): string {
  return path.join("/");
}
