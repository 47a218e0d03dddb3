import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ContentScan } from "../../src/scan/content-scan.js";
import { compileMarks } from "../../src/scan/marks.js";
import type { Mark } from "../../src/scan/marks.js";

const marks: readonly Mark[] = [
  { kind: "value", name: "first", form: "as it is", bytes: Buffer.from("needle-0001") },
  { kind: "value", name: "second", form: "as it is", bytes: Buffer.from("0001-needle") },
  { kind: "value", name: "first", form: "hex", bytes: Buffer.from("6e6565646c65") },
  {
    kind: "key",
    name: "marked",
    form: "",
    bytes: Buffer.from("BEGIN123"),
    confirm: (text, at) => at === 0 || text[at - 1] === 0x0a,
  },
];

const scan = new ContentScan(compileMarks(marks));
const hitsIn = (pieces: readonly Uint8Array[]) => {
  for (const piece of pieces) scan.write(piece);
  return scan.end().map(({ line, mark }) => `${line} ${mark.name}`);
};

/** What every line holds, found in the plainest way. */
function expected(text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const names = marks.filter(({ bytes, confirm }) => {
      const at = line.indexOf(Buffer.from(bytes).toString());
      return confirm === undefined ? at !== -1 : at === 0;
    });
    return [...new Set(names.map(({ name }) => `${index + 1} ${name}`))];
  });
}

test("marks are found once for each line and name, overlapping ones as well", () => {
  const text = "needle-0001-needle needle-0001 6e6565646c65\n\nBEGIN123 BEGIN123\n";
  expect(hitsIn([Buffer.from(text)])).toEqual(["1 first", "1 second", "3 marked"]);
});

test("whatever the pieces, the same is found as in the whole, and one contents leaves nothing to the next", () => {
  const word = fc.constantFrom("needle-0001", "0001-needle", "6e6565646c65", "BEGIN123", "\n", "x", "need", "BEGIN");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), fc.array(fc.nat({ max: 400 }), { maxLength: 20 }), (words, cuts) => {
      const bytes = Buffer.from(words.join(""));
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(hitsIn(pieces).toSorted()).toEqual(expected(bytes.toString()).toSorted());
    }),
  );
});

test("in contents larger than what is held at once, marks across every seam are found on their lines", () => {
  const block = 1024 * 1024;
  const filler = `${"-".repeat(99)}\n`.repeat(Math.floor(block / 100) - 20);
  // At a seam, one begins at every place, and none is at the beginning of a line.
  const dense = "needle-0001\nxBEGIN123\n".repeat(200);
  const text = `${(filler + dense).repeat(3)}BEGIN123\n`;
  const bytes = Buffer.from(text);
  const found = expected(text);
  expect(hitsIn([bytes])).toEqual(found);
  const cut = Array.from({ length: Math.ceil(bytes.length / 7_777) }, (_, n) => n * 7_777);
  expect(hitsIn(cut.map((at) => bytes.subarray(at, at + 7_777)))).toEqual(found);
  for (let shift = 0; shift < 24; shift++) {
    const shifted = `${"-".repeat(shift)}${text}`;
    expect({ shift, count: hitsIn([Buffer.from(shifted)]).length }).toEqual({ shift, count: found.length });
  }
});

test("one line without end is searched in the same memory", () => {
  const before = process.memoryUsage().arrayBuffers;
  const piece = randomBytes(65_536);
  for (let count = 0; count < 400; count++) scan.write(piece);
  scan.write(Buffer.from("needle-0001"));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
  expect(scan.bytes).toBe(400 * 65_536 + 11);
  expect(scan.end().map(({ mark }) => mark.name)).toEqual(["first"]);
});
