import { expect, test } from "vitest";
import { driftOf, isRecipient } from "../../src/pass/drift.js";

const key = (digit: string) => ({ fingerprints: [digit.repeat(40), `${digit}${digit}`.repeat(19) + "00"], users: [] });
const idOf = (fingerprint: string) => fingerprint.slice(-16);
const [a, b] = [key("A"), key("B")];
const idA = idOf(a.fingerprints[1] ?? "");
const idB = idOf(b.fingerprints[1] ?? "");
const place = "the store";

test("a file for exactly its folder's recipients shows no drift", () => {
  const recipients = [
    { id: "a@x", keys: [a] },
    { id: "b@x", keys: [b] },
  ];
  expect(driftOf("v", [idA, idB], { place, recipients })).toEqual([]);
});

test("who may read and cannot, and who can and may not, is said of each", () => {
  const recipients = [
    { id: "a@x", keys: [a] },
    { id: "b@x", keys: [b] },
  ];
  expect(driftOf("v", [idA, "0123456789ABCDEF"], { place, recipients })).toEqual([
    "`v` is not encrypted for `b@x`, a recipient of the store",
    "`v` is encrypted for the key `0123456789ABCDEF`, which is no recipient of the store",
  ]);
});

test("a key that may be a recipient's whose public key is not here is not blamed", () => {
  const recipients = [
    { id: "a@x", keys: [a] },
    { id: "gone@x", keys: [] },
  ];
  expect(driftOf("v", [idA, idB], { place, recipients })).toEqual([]);
});

test("a keyholder's fingerprint is compared with the keys of a recipient, else with its id, and else not", () => {
  const [fingerprint = "", subkey = ""] = a.fingerprints;
  for (const id of ["a@x", idOf(fingerprint), "somebody"]) {
    expect(isRecipient({ id, keys: [a] }, fingerprint.toLowerCase())).toBe(true);
    expect(isRecipient({ id, keys: [a] }, subkey)).toBe(true);
    expect(isRecipient({ id, keys: [b] }, fingerprint)).toBe(false);
  }
  for (const id of [fingerprint, `0x${idOf(fingerprint)}`, `${idOf(fingerprint).toLowerCase()}!`]) {
    expect(isRecipient({ id, keys: [] }, fingerprint)).toBe(true);
    expect(isRecipient({ id, keys: [] }, subkey)).toBe(false);
  }
  expect(isRecipient({ id: "a@x", keys: [] }, fingerprint)).toBeUndefined();
});
