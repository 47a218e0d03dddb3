import * as fc from "fast-check";

/** How many runs a property gets: few in the suite, as many as `MXM_FUZZ_RUNS` says when somebody has the time. */
export function fuzzRuns(usual: number): number {
  const wanted = Number(process.env["MXM_FUZZ_RUNS"] ?? "");
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : usual;
}

/** One change to some bytes. */
export type Mutation = (bytes: Buffer) => Buffer;

/** Some bits of one byte inverted. */
const flip: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
  .map(([at, mask]) => (bytes) => {
    if (bytes.length === 0) return bytes;
    const changed = Buffer.from(bytes);
    const index = at % bytes.length;
    changed[index] = (changed[index] ?? 0) ^ mask;
    return changed;
  });

/** Damage that leaves the length as it is, so that it is seldom found before something is decrypted. */
export const flips: fc.Arbitrary<readonly Mutation[]> = fc.array(flip, { minLength: 1, maxLength: 2 });

/** Bytes flipped, set, cut off, put in, repeated or moved: what damage and hostile hands do to a file. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.oneof(
    flip,
    fc.nat().map(
      (at): Mutation =>
        (bytes) =>
          bytes.subarray(0, at % (bytes.length + 1)),
    ),
    fc.nat().map(
      (at): Mutation =>
        (bytes) =>
          bytes.subarray(at % (bytes.length + 1)),
    ),
    fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 12 })).map(
      ([at, more]): Mutation =>
        (bytes) =>
          splice(bytes, at % (bytes.length + 1), 0, more),
    ),
    fc.tuple(fc.nat(), fc.nat({ max: 40 })).map(
      ([at, length]): Mutation =>
        (bytes) =>
          splice(bytes, at % (bytes.length + 1), length, []),
    ),
    fc.tuple(fc.nat(), fc.nat({ max: 200 }), fc.nat()).map(([from, length, to]): Mutation => (bytes) => {
      const start = from % (bytes.length + 1);
      return splice(bytes, to % (bytes.length + 1), 0, bytes.subarray(start, start + length));
    }),
    fc.constant<Mutation>((bytes) => Buffer.concat([bytes, bytes])),
  ),
  { minLength: 1, maxLength: 3 },
);

export function mutate(bytes: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce((changed, change) => change(changed), bytes);
}

function splice(bytes: Buffer, at: number, remove: number, insert: Iterable<number>): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([...insert]), bytes.subarray(at + remove)]);
}
