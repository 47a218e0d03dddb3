import { randomBytes } from "node:crypto";
import { closeSync, fstatSync } from "node:fs";
import {
  IntegrityError,
  isSecretsError,
  quote,
  throwIfCancelled,
  UnavailableError,
  UnsupportedError,
} from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { fileError } from "../files/errno.js";
import { openRegular } from "../files/open-regular.js";
import { associatedData, encryptScalar } from "./cipher.js";
import { recoverDataKey, sealDataKey } from "./data-key.js";
import type { SopsDocument, SopsFormat, SopsScalar, SopsTree } from "./document.js";
import { sealMac } from "./mac.js";
import { keyOpener, keySealer } from "./master-keys.js";
import type { KeyTools } from "./master-keys.js";
import { fieldsOfMetadata } from "./metadata-fields.js";
import { readMetadata, timeOfMetadata } from "./metadata.js";
import type { SopsMetadata } from "./metadata.js";
import { addressOf, dataKeyLength, dataKeyObject, decryptValues, openDocument } from "./open-document.js";
import type { OpenedDocument } from "./open-document.js";
import { compileSelector } from "./selectors.js";
import type { CreationRule } from "./creation-rules.js";

/** The largest file that is read: enough for a value of 16 MiB in Base64 twice. */
const maximumFileBytes = 64 * 1024 * 1024;

/** A file as it stands on the disk. */
export interface StoredFile {
  readonly bytes: Buffer;
  /** Its permissions, such as `0o600`. */
  readonly mode: number;
}

/** A file that was parsed and whose `sops` part was read; nothing is decrypted yet. */
export interface ParsedFile {
  readonly document: SopsDocument;
  readonly metadata: SopsMetadata;
}

/**
 * Reads a whole SOPS file.
 *
 * @returns `undefined` when there is no such file
 * @throws UnavailableError when it is no regular file, too large, or cannot be read
 */
export function readStoredFile(file: string): StoredFile | undefined {
  const descriptor = openRegular(file);
  if (descriptor === undefined) return undefined;
  try {
    const status = fstatSync(descriptor);
    const bytes = readBounded(descriptor, maximumFileBytes, status.size);
    if (bytes === undefined) throw new UnavailableError(`${quote(file)} is longer than ${maximumFileBytes} bytes`);
    return { bytes, mode: status.mode & 0o777 };
  } catch (error) {
    throw isSecretsError(error) ? error : fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
}

/** The error for a file that is not there. */
export function noFile(file: string): UnavailableError {
  return new UnavailableError(`there is no file ${quote(file)}`, {
    reason: "not_initialised",
    hint: "correct `path` of the store, or make the file with `mxm-secrets set` or `sops edit`",
  });
}

/**
 * Parses a file and reads its `sops` part.
 *
 * @throws IntegrityError when it cannot be parsed, or is not encrypted by SOPS
 */
export async function parseStoredFile(format: SopsFormat, bytes: Uint8Array, file: string): Promise<ParsedFile> {
  const document = await format.parse(bytes, file);
  if (document.metadata !== undefined) return { document, metadata: readMetadata(document.metadata, file) };
  throw new IntegrityError(`${quote(file)} is not encrypted by SOPS`, {
    hint: "if it holds secrets they are readable: change them at their source, and encrypt it with `sops encrypt --in-place`",
  });
}

/**
 * Decrypts a file: the data key once, then every value, and the MAC before anything is used.
 *
 * @throws LockedError, UnavailableError, UnsupportedError as the data key cannot be had; IntegrityError
 */
export async function openStoredFile(
  { document, metadata }: ParsedFile,
  tools: KeyTools,
  file: string,
): Promise<OpenedDocument> {
  const dataKey = await recoverDataKey(metadata, keyOpener(tools, file), file);
  throwIfCancelled(tools.signal);
  return openDocument(document, metadata, dataKeyObject(dataKey, file), file);
}

/**
 * The bytes of a new file with one value, encrypted for whom a rule names. They were parsed and verified.
 *
 * @param value - the keys to it, and what it is
 * @param now - milliseconds since the epoch
 * @throws UnsupportedError when the rule leaves the value unencrypted
 * @throws LockedError, InvalidInputError, UnavailableError when one of the keys cannot be encrypted to
 */
export async function makeFile(
  format: SopsFormat,
  { path, scalar }: { readonly path: readonly string[]; readonly scalar: SopsScalar },
  rule: CreationRule,
  { file, now, ...tools }: Pick<KeyTools, "gpg" | "signal"> & { readonly file: string; readonly now: number },
): Promise<Uint8Array> {
  if (!(await compileSelector(rule.selector, file))({ kind: "value", path, comments: undefined })) {
    const place = quote(addressOf(path));
    throw new UnsupportedError(`the rules for ${quote(file)} leave ${place} unencrypted: the value would be readable`, {
      hint: "choose a name that they encrypt, or change them in `.sops.yaml`",
    });
  }
  const dataKey = randomBytes(dataKeyLength);
  const groups = await sealDataKey(rule.groups, rule.threshold, dataKey, keySealer(tools, file));
  const key = dataKeyObject(dataKey, file);
  const lastModified = timeOfMetadata(now);
  const tree = treeOf(path, encryptScalar(scalar, key, associatedData(path)));
  const document = await format.parse(await format.create(tree), file);
  const mac = sealMac((await decryptValues(document, rule, key, file)).mac, key, lastModified);
  const bytes = document.edit({ metadata: fieldsOfMetadata({ ...rule, groups, mac, lastModified }) });
  const written = await parseStoredFile(format, bytes, file);
  await openDocument(written.document, written.metadata, key, file);
  return bytes;
}

function treeOf(path: readonly string[], scalar: SopsScalar): ReadonlyMap<string, SopsTree> {
  const tree = new Map<string, SopsTree>();
  path.reduce((map, key, index) => {
    const inner = new Map<string, SopsTree>();
    map.set(key, index === path.length - 1 ? scalar : inner);
    return inner;
  }, tree);
  return tree;
}
