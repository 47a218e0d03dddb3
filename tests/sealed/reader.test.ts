import fc from "fast-check";
import { expect, it } from "vitest";
import { newCompartmentKey } from "../../src/sealed/compartments.js";
import { compareText } from "../../src/sealed/grammar.js";
import { openSigned, signSealed } from "../../src/sealed/manifest.js";
import type { SignedLayout } from "../../src/sealed/manifest.js";
import { valueReader } from "../../src/sealed/reader.js";
import { sealValue } from "../../src/sealed/value.js";
import { identityOf } from "../support/sealed-store.js";

interface Stored {
  readonly path: string;
  readonly policy: "wide" | "narrow";
  readonly version: number;
  readonly updated: string;
  readonly value: Uint8Array;
}

const path = fc.stringMatching(/^[a-d]{1,4}$/);
const stored: fc.Arbitrary<Stored> = fc.record({
  path,
  policy: fc.constantFrom("wide", "narrow"),
  version: fc.constantFrom(1, 2, 11, 9_007_199_254_740_991),
  updated: fc.constantFrom("2026-11-22T08:00:00Z", "2024-02-29T23:59:59Z"),
  value: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 3000, max: 9000 }).map((length) => new Uint8Array(length).fill(0x80)),
  ),
});

const storeId = Buffer.alloc(16, 7).toString("base64");

async function storeOf(secrets: readonly Stored[]): Promise<SignedLayout> {
  const owner = await identityOf("owner");
  const recipients = [{ name: "owner", recipient: owner.recipient }];
  const keys = {
    narrow: await newCompartmentKey("narrow", recipients),
    wide: await newCompartmentKey("wide", recipients),
  };
  const writer = owner.writerKey();
  const event = { seq: 0, action: "add" as const, key: writer.publicKey, name: "owner", by: writer.publicKey };
  const contents = {
    storeId,
    generation: 1,
    // Who may write is none of a reader's business.
    writers: [{ ...event, signature: writer.sign(Buffer.alloc(0)) }],
    compartments: [
      { policy: "narrow", epoch: 1 },
      { policy: "wide", epoch: 1 },
    ],
    recipients: [...keys.narrow.records, ...keys.wide.records],
    secrets: secrets
      .toSorted((a, b) => compareText(a.path, b.path))
      .map(({ value, ...record }) => ({ ...record, ...sealValue(keys[record.policy].key, storeId, record, value) })),
  };
  return openSigned(signSealed(contents, writer));
}

it("every value is read as it was stored, in whatever order, whatever stands beside it, however often", async () => {
  const identity = await identityOf("owner");
  const secrets = fc.uniqueArray(stored, { maxLength: 12, selector: (each) => each.path });
  await fc.assert(
    fc.asyncProperty(secrets, fc.array(path, { maxLength: 8 }), fc.array(fc.nat(11)), async (all, others, picks) => {
      const reader = valueReader(await storeOf(all), [identity]);
      const inOrder = all.map((each) => each.path).toSorted(compareText);
      const picked = picks.flatMap((pick) => all[pick]?.path ?? []);
      for (const wanted of [...inOrder, ...picked, ...others, ...inOrder]) {
        const expected = all.find((each) => each.path === wanted);
        expect((await reader.read(wanted))?.toString("hex")).toBe(
          expected && Buffer.from(expected.value).toString("hex"),
        );
      }
    }),
    { numRuns: 150 },
  );
});

it("a line that was signed and is none of the format is refused, also when one like it was read before", async () => {
  const identity = await identityOf("owner");
  const value = new Uint8Array([1]);
  const common = { policy: "wide" as const, version: 1, value };
  const first = { ...common, path: "a", updated: "2026-11-22T08:00:00Z" };
  for (const updated of [
    "2026-11-31T08:00:00Z",
    "2026-13-01T08:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22 08:00:00Z",
  ]) {
    const reader = valueReader(await storeOf([first, { ...common, path: "b", updated }]), [identity]);
    expect(await reader.read("a")).toEqual(Buffer.from(value));
    expect(() => reader.read("b")).toThrow("expected a `secret` line");
  }
});
