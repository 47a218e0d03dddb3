import type { KeyObject } from "node:crypto";
import { isSecretsError } from "../../src/errors.js";
import { associatedData, decryptScalar, encryptScalar } from "../../src/sops/cipher.js";
import type { SopsDocument, SopsLeaf, SopsScalar } from "../../src/sops/document.js";
import { computeMac, sealMac } from "../../src/sops/mac.js";
import { fieldsOfMetadata } from "../../src/sops/metadata-fields.js";
import type { SopsMetadata } from "../../src/sops/metadata.js";
import type { OpenedDocument } from "../../src/sops/open-document.js";
import { compileSelector } from "../../src/sops/selectors.js";

/**
 * Encrypts a plain document as `sops encrypt` does: every value and comment its selector names, and the MAC over all of
 * them. The program itself makes files of one value, and leaves comments as they are.
 *
 * @param metadata - its keys, already holding the data key, and its rules; its `mac` counts for nothing
 * @param key - the data key
 * @param file - its name, for errors
 * @returns the bytes of the encrypted file
 * @throws InvalidInputError when the format cannot hold the metadata
 */
export async function encryptDocument(
  document: SopsDocument,
  metadata: SopsMetadata,
  key: KeyObject,
  file = "the new file",
): Promise<Uint8Array> {
  const isEncrypted = await compileSelector(metadata.selector, file);
  const replace = new Map<SopsLeaf, SopsScalar>();
  const values = document.leaves.flatMap((leaf) => {
    const encrypted = isEncrypted(leaf);
    const encrypt = leaf.kind === "comment" ? encryptComment : encryptScalar;
    const written = encrypted ? encrypt(leaf.scalar, key, associatedData(leaf.path)) : leaf.scalar;
    if (written !== leaf.scalar) replace.set(leaf, written);
    return leaf.kind === "comment" ? [] : [{ scalar: leaf.scalar, encrypted }];
  });
  const mac = sealMac(computeMac(values, metadata.macOnlyEncrypted), key, metadata.lastModified);
  return document.edit({ replace, metadata: fieldsOfMetadata({ ...metadata, mac }) });
}

/** The comments of a document, decrypted; one that does not decrypt stays, as in SOPS. */
export function openComments({ document, key, isEncrypted }: OpenedDocument): ReadonlyMap<SopsLeaf, SopsScalar> {
  const comments = document.leaves.filter((leaf) => leaf.kind === "comment");
  return new Map(
    comments.map((leaf) => [
      leaf,
      isEncrypted(leaf) ? decryptComment(leaf.scalar, key, associatedData(leaf.path)) : leaf.scalar,
    ]),
  );
}

/** A comment is encrypted as text is, for the place of the map or list it is in. What it is said to be is not authenticated. */
function encryptComment(scalar: SopsScalar, key: KeyObject, place: string): SopsScalar {
  const encrypted = encryptScalar(scalar, key, place);
  return encrypted.type === "str"
    ? { ...encrypted, value: encrypted.value.replace(/,type:str\]$/, ",type:comment]") }
    : scalar;
}

function decryptComment(scalar: SopsScalar, key: KeyObject, place: string): SopsScalar {
  if (scalar.type !== "str") return scalar;
  try {
    return decryptScalar({ ...scalar, value: scalar.value.replace(/,type:comment\]$/, ",type:str]") }, key, place);
  } catch (error) {
    if (isSecretsError(error)) return scalar;
    throw error;
  }
}
