import type { KeyObject } from "node:crypto";
import { associatedData, encryptComment, encryptScalar } from "./cipher.js";
import type { SopsDocument, SopsLeaf, SopsScalar } from "./document.js";
import { computeMac, sealMac } from "./mac.js";
import { fieldsOfMetadata } from "./metadata-fields.js";
import type { SopsMetadata } from "./metadata.js";
import { compileSelector } from "./selectors.js";

/**
 * Encrypts a plain document: every value and comment its selector names, and the MAC over all of them.
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
