import { inflateSync } from "node:zlib";
import * as vectors from "cctv-age";
import { parseIdentities, passphraseIdentity } from "../../src/age/identities.js";
import type { AgeIdentity } from "../../src/age/identities.js";

/** One published vector of the age format: header lines `key: value`, an empty line, the file. */
export interface AgeVector {
  readonly name: string;
  /** `success`, or which part fails. */
  readonly expected: string;
  /** The SHA-256 of what comes out, in hex. */
  readonly payload: string | undefined;
  readonly identities: readonly AgeIdentity[];
  readonly file: Buffer;
}

/** All of them (https://github.com/C2SP/CCTV/tree/main/age). */
export const ageVectors: readonly AgeVector[] = Object.entries(vectors).map(([name, bytes]) =>
  parseVector(name, bytes),
);

function parseVector(name: string, bytes: Uint8Array): AgeVector {
  const all = Buffer.from(bytes);
  const end = all.indexOf("\n\n");
  const fields = all
    .toString("utf8", 0, end)
    .split("\n")
    .map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)] as const;
    });
  const valueOf = (wanted: string) => fields.find(([key]) => key === wanted)?.[1];
  const identities = fields.flatMap(([key, value]) => {
    if (key === "passphrase") return [passphraseIdentity(value)];
    return key === "identity" ? parseIdentities(value, "the vector") : [];
  });
  const body = all.subarray(end + 2);
  const file = valueOf("compressed") === undefined ? body : inflateSync(body);
  return { name, expected: valueOf("expect") ?? "", payload: valueOf("payload"), identities, file };
}
