import { IntegrityError, quote } from "../errors.js";
import { indexOfByte } from "../files/bytes.js";
import { unwrapCompartment } from "./compartments.js";
import { decodeBase64Into } from "./encoding.js";
import { forms } from "./grammar.js";
import type { Identity } from "./identity.js";
import type { SignedLayout } from "./manifest.js";
import { findSecretLine, lineNumberAt } from "./secret-line.js";
import { refuseLine } from "./lines.js";
import { valueOpener } from "./value.js";
import type { ValueOpener } from "./value.js";

const shortestSealed = 28;
const longestPath = 1024;
const usualSealed = 4096;
const lineFeed = 10;
const keyword = "secret ";

/** What a line says of a value besides its path. */
interface SecretFields {
  readonly policy: string;
  readonly version: string;
  readonly type: string;
  /** How it is said: all that stands between the path and the base64, with the space before that. */
  readonly text: string;
}

/** The line of one path. */
interface SecretLine {
  readonly path: string;
  /** Where it starts in the file. */
  readonly start: number;
  readonly fields: SecretFields;
  /** Base64. */
  readonly sealed: string;
}

/** Reads single values from an opened store; each compartment is unwrapped once. */
export interface ValueReader {
  /**
   * A promise only while a compartment is being opened: a batch does not wait for every value.
   *
   * @returns `undefined` when the store holds no such path
   * @throws LockedError when the identities cannot open its compartment
   * @throws IntegrityError when its line is not what a writer made for this path
   */
  readonly read: (path: string) => Buffer | undefined | Promise<Buffer | undefined>;
}

export function valueReader(layout: SignedLayout, identities: readonly Identity[]): ValueReader {
  const compartments = new Map<string, ValueOpener>();
  const { bytes, head, secretsStart, signatureStart } = layout;
  let next = secretsStart;
  let fields: SecretFields | undefined;

  const openCompartment = async (policy: string): Promise<ValueOpener> => {
    const opener = valueOpener(await unwrapCompartment(head, policy, identities), head.storeId, policy);
    compartments.set(policy, opener);
    return opener;
  };

  let bytesOfValue = Buffer.allocUnsafeSlow(usualSealed);
  const decrypt = (open: ValueOpener, { path, start, fields: { version, type }, sealed }: SecretLine): Buffer => {
    if (bytesOfValue.length < sealed.length) bytesOfValue = Buffer.allocUnsafeSlow(sealed.length);
    const length = decodeBase64Into(bytesOfValue, sealed);
    if (length < shortestSealed) refuseSecretLine(bytes, start);
    const value = open(path, version, type, bytesOfValue, length);
    if (value !== undefined) return value;
    throw new IntegrityError(`line ${lineNumberAt(bytes, start)}: ${quote(path)} does not decrypt`, {
      hint: "the value was moved, renamed or altered; restore the file from version control",
    });
  };

  const lineAt = (start: number): string => bytes.toString("latin1", start, indexOfByte(bytes, lineFeed, start));

  const findLine = (path: string): SecretLine | undefined => {
    // Values are mostly asked for in their order: the one after the last is looked at first.
    let start = next;
    let line = start < signatureStart ? lineAt(start) : "";
    if (!isOf(line, path)) {
      start = findSecretLine(bytes, secretsStart, signatureStart, path);
      if (start === -1) return undefined;
      line = lineAt(start);
    }
    next = start + line.length + 1;
    const fieldsStart = keyword.length + path.length + 1;
    if (!line.startsWith(keyword) || path.length > longestPath) refuseSecretLine(bytes, start);
    // Values that were stored together say the same of themselves, which is then checked once.
    const isRepeated = fields !== undefined && line.startsWith(fields.text, fieldsStart);
    if (fields === undefined || !isRepeated) fields = readFields(line, fieldsStart) ?? refuseSecretLine(bytes, start);
    return { path, start, fields, sealed: line.slice(fieldsStart + fields.text.length) };
  };

  return {
    read: (path) => {
      const line = findLine(path);
      if (line === undefined) return undefined;
      const { policy } = line.fields;
      const compartment = compartments.get(policy);
      if (compartment !== undefined) return decrypt(compartment, line);
      return openCompartment(policy).then((opened) => decrypt(opened, line));
    },
  };
}

/** Whether a line has this path in the place of one. */
function isOf(line: string, path: string): boolean {
  return line.startsWith(path, keyword.length) && line[keyword.length + path.length] === " ";
}

/**
 * The fields of a line, checked as strictly as a whole parse does; the base64 is when it is decoded. By offsets, because
 * this may run once for every value read.
 *
 * @param policyStart - where they begin
 * @returns `undefined` when they are not what a `secret` line has
 */
function readFields(line: string, policyStart: number): SecretFields | undefined {
  const versionStart = line.indexOf(" ", policyStart) + 1;
  const typeStart = line.indexOf(" ", versionStart) + 1;
  const timeStart = line.indexOf(" ", typeStart) + 1;
  const sealedStart = line.indexOf(" ", timeStart) + 1;
  if (versionStart * typeStart * timeStart * sealedStart === 0) return undefined;
  const policy = line.slice(policyStart, versionStart - 1);
  const version = line.slice(versionStart, typeStart - 1);
  const type = line.slice(typeStart, timeStart - 1);
  const valid =
    forms.policy.accepts(policy) &&
    forms.counter.accepts(version) &&
    forms.type.accepts(type) &&
    forms.time.accepts(line.slice(timeStart, sealedStart - 1));
  return valid ? { policy, version, type, text: line.slice(policyStart, sealedStart) } : undefined;
}

function refuseSecretLine(bytes: Buffer, start: number): never {
  return refuseLine(lineNumberAt(bytes, start), "expected a `secret` line");
}
