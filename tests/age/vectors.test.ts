import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decryptAge } from "../../src/age/decrypt.js";
import type { AgeOutcome } from "../../src/age/decrypt.js";
import { ageVectors } from "../support/age-vectors.js";

/** What each expectation of the vectors is here. Partial payloads, which some vectors have, are never given out. */
const outcomes: Readonly<Record<string, AgeOutcome["kind"]>> = {
  success: "value",
  "no match": "not_for_these",
  "HMAC failure": "corrupt",
  "header failure": "corrupt",
  "payload failure": "corrupt",
  "armor failure": "corrupt",
};

describe("the published age vectors", () => {
  it("are all here", () => {
    expect(ageVectors).toHaveLength(143);
  });

  it.each(ageVectors)("$name", async ({ expected, payload, identities, file }) => {
    const outcome = await decryptAge(file, identities);
    expect(outcome.kind).toBe(outcomes[expected]);
    if (outcome.kind !== "value") return;
    expect(createHash("sha256").update(outcome.value).digest("hex")).toBe(payload);
  });
});
