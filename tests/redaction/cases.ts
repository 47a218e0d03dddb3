import fc from "fast-check";
import { formsOf } from "../../src/redaction/forms.js";
import type { Redactor } from "../../src/redaction/redactor.js";
import type { Named } from "./naive.js";

/** Values over alphabets so small that they overlap, repeat and contain each other all the time. */
const letters = fc.constantFrom("a", "b", "é");
export const smallValue = fc.string({ unit: letters, minLength: 4, maxLength: 12 }).map((text) => Buffer.from(text));
export const anyValue = fc.oneof(
  { weight: 4, arbitrary: smallValue },
  {
    weight: 2,
    arbitrary: fc.string({ unit: "grapheme", minLength: 4, maxLength: 20 }).map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 4, maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.string({ unit: letters, maxLength: 6 }), { minLength: 2, maxLength: 4 })
      .map((lines) => Buffer.from(lines.join("\n"))),
  },
);
export const secretsOf = (value: fc.Arbitrary<Buffer>): fc.Arbitrary<readonly Named[]> =>
  fc
    .array(value, { minLength: 1, maxLength: 6 })
    .map((values) => values.map((one, index) => ({ name: `s${index}`, value: one })));

/** A text made of values, their forms whole and in part, and other bytes. */
export function textOf(secrets: readonly Named[]): fc.Arbitrary<Buffer> {
  const forms = secrets.flatMap(({ value }) => formsOf(value).map((form) => Buffer.from(form)));
  const encoded = secrets.flatMap(({ value }) =>
    ["", "x", "xy"].map((before) => Buffer.from(Buffer.concat([Buffer.from(before), value]).toString("base64"))),
  );
  const form = fc.constantFrom(...forms, ...encoded, Buffer.from("x"));
  const part = fc.tuple(form, fc.nat(40), fc.nat(40)).map(([whole, from, to]) => whole.subarray(from, to));
  const other = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  const filler = fc.string({ unit: letters, maxLength: 8 }).map((text) => Buffer.from(text));
  return fc.array(fc.oneof(form, part, other, filler), { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
}

export const cases = (value: fc.Arbitrary<Buffer>) =>
  secretsOf(value).chain((secrets) =>
    fc.record({
      secrets: fc.constant(secrets),
      text: textOf(secrets),
      sizes: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 }),
    }),
  );

/** A text in chunks of these sizes, in turn, each in memory of its own. */
export function chunksOf(text: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const steps = sizes.every((size) => size === 0) ? [1] : sizes;
  for (let at = 0, turn = 0; at < text.byteLength; turn++) {
    const size = steps[turn % steps.length] ?? 1;
    chunks.push(new Uint8Array(text.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

export function inChunks(redactor: Redactor, chunks: readonly Uint8Array[]): Buffer {
  const stream = redactor.open();
  const pieces = chunks.map((chunk) => {
    const piece = Buffer.from(stream.write(chunk));
    chunk.fill(0xff);
    return piece;
  });
  return Buffer.concat([...pieces, stream.end()]);
}
