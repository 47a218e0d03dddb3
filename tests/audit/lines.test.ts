import { closeSync, openSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readLastLine, readLines } from "../../src/audit/lines.js";
import { scratchDirectory } from "../support/directory.js";

function opened(content: string | Uint8Array): { descriptor: number; size: number } {
  const file = join(scratchDirectory(), "lines");
  writeFileSync(file, content);
  const descriptor = openSync(file, "r");
  onTestFinished(() => closeSync(descriptor));
  return { descriptor, size: statSync(file).size };
}

describe("readLines", () => {
  it("puts lines together that cross the pieces it reads", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i}${"é".repeat(i * 200)}`);
    const { descriptor, size } = opened(lines.map((line) => `${line}\n`).join(""));
    const read = [...readLines(descriptor, size)];
    expect(read.map(({ text }) => text)).toEqual(lines);
    expect(read.at(-1)).toMatchObject({ number: 40, end: size, complete: true });
  });

  it("reads no further than it is told, and says that the last line has no end", () => {
    const { descriptor } = opened("one\ntwo\nthree\n");
    expect([...readLines(descriptor, 6)]).toEqual([
      { number: 1, text: "one", end: 4, complete: true },
      { number: 2, text: "tw", end: 6, complete: false },
    ]);
  });

  it("takes bytes that are not UTF-8 for no text at all, not for replacement characters", () => {
    const { descriptor, size } = opened(Buffer.from([0x61, 0xff, 0x0a]));
    expect([...readLines(descriptor, size)][0]?.text).toBe("");
    expect(readLastLine(descriptor, size)).toBe("");
  });
});

describe("readLastLine", () => {
  it.each([
    ["one\n", "one"],
    ["one\ntwo\n", "two"],
    [`one\n${"x".repeat(10_000)}\n`, "x".repeat(10_000)],
    ["one\ntwo", undefined],
    [`one\n${"x".repeat(70_000)}\n`, undefined],
  ])("finds the last complete line", (content, last) => {
    const { descriptor, size } = opened(content);
    expect(readLastLine(descriptor, size)).toBe(last);
  });
});
