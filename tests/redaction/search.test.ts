import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePatterns } from "../../src/redaction/search.js";
import type { Pattern } from "../../src/redaction/search.js";

const named = (texts: readonly string[]): readonly Pattern[] =>
  texts.map((text, index) => ({ bytes: Buffer.from(text, "latin1"), name: `p${index}` }));

/** Patterns that begin alike, contain each other and repeat; some long enough for native comparison. */
const patternTexts = fc.oneof(
  fc.array(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 4, maxLength: 9 }), { maxLength: 30 }),
  fc.array(
    fc
      .tuple(fc.nat(70), fc.string({ unit: fc.constantFrom("a", "b"), minLength: 4, maxLength: 70 }))
      .map(([repeats, end]) => "a".repeat(repeats) + end),
    { maxLength: 6 },
  ),
  fc.array(
    fc.uint8Array({ minLength: 4, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
    { maxLength: 6 },
  ),
);

const cases = patternTexts.chain((texts) => {
  const pieces = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 80 }),
    ...(texts.length === 0 ? [] : [fc.constantFrom(...texts)]),
  );
  return fc.record({
    texts: fc.constant(texts),
    text: fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join("")),
    misaligned: fc.nat(3),
  });
});

/** A text at some distance from the beginning of its memory. */
function at(text: string, misaligned: number): Uint8Array {
  const memory = new Uint8Array(text.length + misaligned);
  memory.set(Buffer.from(text, "latin1"), misaligned);
  return memory.subarray(misaligned);
}

test("finds every occurrence of every pattern, in order, wherever the text lies in memory", () => {
  fc.assert(
    fc.property(cases, ({ texts, text, misaligned }) => {
      const expected = Array.from({ length: text.length }).flatMap((_, start) =>
        texts.flatMap((pattern, index) =>
          text.startsWith(pattern, start)
            ? [{ start, end: start + pattern.length, pattern: index, name: `p${index}` }]
            : [],
        ),
      );
      expect(compilePatterns(named(texts)).find(at(text, misaligned))).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test("tells where the earliest suffix begins that may still become an occurrence", () => {
  fc.assert(
    fc.property(cases, ({ texts, text, misaligned }) => {
      const isOpen = (start: number) =>
        texts.some((pattern) => pattern.length > text.length - start && pattern.startsWith(text.slice(start)));
      const starts = Array.from({ length: text.length }, (_, start) => start);
      const expected = starts.find(isOpen) ?? text.length;
      expect(compilePatterns(named(texts)).openFrom(at(text, misaligned))).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

test("a thousand patterns that begin alike are told apart", () => {
  const texts = Array.from({ length: 1000 }, (_, index) => `sk-live-0000-${index}-${index * 7919}`);
  const search = compilePatterns(named(texts));
  for (const [index, text] of texts.entries()) {
    expect(search.find(Buffer.from(`x${text}x`)).some(({ pattern }) => pattern === index)).toBe(true);
    expect(search.openFrom(Buffer.from(`x${text.slice(0, -1)}`))).toBe(1);
  }
  expect(search.openFrom(Buffer.from("sk-live-0000-x"))).toBe(14);
  expect(search.longest).toBe(Math.max(...texts.map((text) => text.length)));
});

test("without patterns nothing is found, and nothing is open", () => {
  const search = compilePatterns([]);
  expect(search.find(Buffer.from("anything"))).toEqual([]);
  expect(search.openFrom(Buffer.from("anything"))).toBe(8);
  expect(search.openFrom(new Uint8Array(0))).toBe(0);
  expect(search.longest).toBe(0);
});

test("a pattern that is too short is refused", () => {
  expect(() => compilePatterns(named(["abc"]))).toThrow(RangeError);
});
