import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import * as vectors from "cctv-age";
import { describe, expect, it } from "vitest";
import { decryptAge } from "../../src/age/decrypt.js";
import type { AgeOutcome } from "../../src/age/decrypt.js";
import { parseIdentities, passphraseIdentity } from "../../src/age/identities.js";

/** One published vector: header lines `key: value`, an empty line, the file. */
interface Vector {
  readonly name: string;
  readonly fields: readonly (readonly [key: string, value: string])[];
  readonly file: Buffer;
}

/** What each expectation of the vectors is here. Partial payloads, which some vectors have, are never given out. */
const outcomes: Readonly<Record<string, AgeOutcome["kind"]>> = {
  success: "value",
  "no match": "not_for_these",
  "HMAC failure": "corrupt",
  "header failure": "corrupt",
  "payload failure": "corrupt",
  "armor failure": "corrupt",
};

function parseVector(name: string, bytes: Uint8Array): Vector {
  const all = Buffer.from(bytes);
  const end = all.indexOf("\n\n");
  const fields = all
    .toString("utf8", 0, end)
    .split("\n")
    .map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)] as const;
    });
  const body = all.subarray(end + 2);
  return { name, fields, file: fields.some(([key]) => key === "compressed") ? inflateSync(body) : body };
}

const all = Object.entries(vectors).map(([name, bytes]) => parseVector(name, bytes));

describe("the published age vectors", () => {
  it("are all here", () => {
    expect(all).toHaveLength(143);
  });

  it.each(all)("$name", async ({ fields, file }) => {
    const valueOf = (wanted: string) => fields.find(([key]) => key === wanted)?.[1];
    const identities = fields.flatMap(([key, value]) => {
      if (key === "passphrase") return [passphraseIdentity(value)];
      return key === "identity" ? parseIdentities(value, "the vector") : [];
    });
    const outcome = await decryptAge(file, identities);
    expect(outcome.kind).toBe(outcomes[valueOf("expect") ?? ""]);
    if (outcome.kind !== "value") return;
    expect(createHash("sha256").update(outcome.value).digest("hex")).toBe(valueOf("payload"));
  });
});
