import { IntegrityError, quote } from "../errors.js";
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

interface SecretFields {
  readonly policy: string;
  readonly version: string;
  readonly type: string;
  /** In base64. */
  readonly encoded: string;
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

  const openCompartment = async (policy: string): Promise<ValueOpener> => {
    const opener = valueOpener(await unwrapCompartment(head, policy, identities), head.storeId, policy);
    compartments.set(policy, opener);
    return opener;
  };

  let sealed = Buffer.allocUnsafeSlow(usualSealed);
  const decrypt = (open: ValueOpener, path: string, start: number, fields: SecretFields): Buffer => {
    if (sealed.length < fields.encoded.length) sealed = Buffer.allocUnsafeSlow(fields.encoded.length);
    const length = decodeBase64Into(sealed, fields.encoded);
    if (length < shortestSealed) refuseSecretLine(bytes, start);
    const value = open(path, fields.version, fields.type, sealed, length);
    if (value !== undefined) return value;
    throw new IntegrityError(`line ${lineNumberAt(bytes, start)}: ${quote(path)} does not decrypt`, {
      hint: "the value was moved, renamed or altered; restore the file from version control",
    });
  };

  return {
    read: (path) => {
      const start = findSecretLine(bytes, secretsStart, signatureStart, path, next);
      if (start === -1) return undefined;
      next = bytes.indexOf(10, start) + 1;
      const fields = secretFields(bytes, start, next - 1, path);
      const compartment = compartments.get(fields.policy);
      if (compartment !== undefined) return decrypt(compartment, path, start, fields);
      return openCompartment(fields.policy).then((opened) => decrypt(opened, path, start, fields));
    },
  };
}

/**
 * The fields of the one line in `bytes[start, end)`, checked as strictly as a whole parse does, the base64 when it is
 * decoded. By offsets, because this runs once for every value read.
 */
function secretFields(bytes: Buffer, start: number, end: number, path: string): SecretFields {
  const line = bytes.toString("latin1", start, end);
  const policyStart = "secret ".length + path.length + 1;
  const versionStart = line.indexOf(" ", policyStart) + 1;
  const typeStart = line.indexOf(" ", versionStart) + 1;
  const timeStart = line.indexOf(" ", typeStart) + 1;
  const sealedStart = line.indexOf(" ", timeStart) + 1;
  const policy = line.slice(policyStart, versionStart - 1);
  const version = line.slice(versionStart, typeStart - 1);
  const type = line.slice(typeStart, timeStart - 1);
  const encoded = line.slice(sealedStart);
  const valid =
    line.startsWith("secret ") &&
    path.length <= longestPath &&
    versionStart * typeStart * timeStart * sealedStart !== 0 &&
    forms.policy.accepts(policy) &&
    forms.counter.accepts(version) &&
    forms.type.accepts(type) &&
    forms.time.accepts(line.slice(timeStart, sealedStart - 1));
  if (!valid) refuseSecretLine(bytes, start);
  return { policy, version, type, encoded };
}

function refuseSecretLine(bytes: Buffer, start: number): never {
  return refuseLine(lineNumberAt(bytes, start), "expected a `secret` line");
}
