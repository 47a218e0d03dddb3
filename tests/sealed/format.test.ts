import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { IntegrityError } from "../../src/errors.js";
import { marshalSealed, parseSealed } from "../../src/sealed/format.js";
import { textconv } from "../../src/sealed/textconv.js";
import { makeTestStore, put } from "../support/sealed-store.js";

let bytes: Buffer;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "mxm-format-"));
  const store = await makeTestStore(directory);
  for (const path of ["a", "a-b", "a/b", "z"]) await put(store.backend, path, `value of ${path}`, "one");
  await put(store.backend, "binary", Uint8Array.of(255, 0), "two");
  bytes = readFileSync(store.file);
  rmSync(directory, { recursive: true });
});

/** `wrong` when bytes parse and do not come back identical, and when a fault names no line. */
function outcome(candidate: Buffer): "identical" | "refused with a line" | "wrong" {
  try {
    const { contents, signature } = parseSealed(candidate);
    return marshalSealed(contents, signature).equals(candidate) ? "identical" : "wrong";
  } catch (error) {
    return error instanceof IntegrityError && /^line [0-9]+: /.test(error.message) ? "refused with a line" : "wrong";
  }
}

function withLines(change: (lines: string[]) => string[]): Buffer {
  return Buffer.from(`${change(bytes.toString("latin1").split("\n").slice(0, -1)).join("\n")}\n`, "latin1");
}

describe("what parses re-marshals to identical bytes", () => {
  it("for a store as written", () => {
    expect(outcome(bytes)).toBe("identical");
  });

  it("for every store with one byte changed, or it does not parse, naming a line", () => {
    const outcomes = new Set<string>();
    for (let index = 0; index < bytes.length; index++) {
      for (const other of [0, 10, 13, 32, 48, 61, 97, 255]) {
        const changed = Buffer.from(bytes);
        changed[index] = other;
        outcomes.add(outcome(changed));
      }
    }
    expect([...outcomes].toSorted()).toEqual(["identical", "refused with a line"]);
  });

  it("for stores with bytes cut out, doubled or inserted anywhere", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), fc.string({ maxLength: 12 }), (at, length, inserted) => {
        const start = at % bytes.length;
        const parts = [bytes.subarray(0, start), Buffer.from(inserted), bytes.subarray(start + length)];
        expect(outcome(Buffer.concat(parts))).not.toBe("wrong");
        expect(outcome(Buffer.concat([bytes.subarray(0, start + length), bytes.subarray(start)]))).not.toBe("wrong");
      }),
      { numRuns: 500 },
    );
  });

  it("for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(outcome(Buffer.from(any))).not.toBe("wrong");
      }),
    );
  });
});

describe("parsing refuses, with its line, a file where", () => {
  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ["the first line is another format", (lines) => ["mxm-secrets/sealed/2", ...lines.slice(1)], /^line 1: /],
    [
      "two secrets change places",
      (lines) => lines.with(8, lines[9] ?? "").with(9, lines[8] ?? ""),
      /line 10: .*sorted/,
    ],
    ["a secret is there twice", (lines) => lines.toSpliced(9, 0, lines[8] ?? ""), /line 10: repeats a path/],
    [
      "two compartments change places",
      (lines) => lines.with(4, lines[5] ?? "").with(5, lines[4] ?? ""),
      /line 6: .*sorted/,
    ],
    ["a compartment is missing", (lines) => lines.toSpliced(5, 1), /line 7: expected a compartment/],
    ["a compartment has no recipient", (lines) => lines.toSpliced(7, 1), /line 6: expected a recipient/],
    ["a recipient is there twice", (lines) => lines.toSpliced(7, 0, lines[6] ?? ""), /line 8: repeats/],
    ["the generation has a leading zero", (lines) => lines.with(2, "generation 06"), /line 3: expected a number/],
    ["a line ends in a space", (lines) => lines.with(2, "generation 6 "), /line 3: expected 1 fields/],
    ["a line ends in a carriage return", (lines) => lines.with(2, "generation 6\r"), /line 3: /],
    ["an empty line is added", (lines) => lines.toSpliced(4, 0, ""), /line 5: /],
    ["the writers are missing", (lines) => lines.toSpliced(3, 1), /line 4: expected a `writer` line/],
    [
      "the writers are numbered otherwise",
      (lines) => lines.with(3, (lines[3] ?? "").replace("writer 0", "writer 1")),
      /line 4: /,
    ],
    [
      "a path has a `..` segment",
      (lines) => lines.with(8, (lines[8] ?? "").replace("secret a", "secret ../a")),
      /line 9: /,
    ],
    [
      "a date does not exist",
      (lines) => lines.with(8, (lines[8] ?? "").replace("-11-22T", "-11-31T")),
      /line 9: .*time/,
    ],
    ["base64 is not canonical", (lines) => lines.with(1, "store AAAAAAAAAAAAAAAAAAAAAB=="), /line 2: /],
    ["the signature is missing", (lines) => lines.slice(0, -1), /line 13: expected a `signature` line/],
    ["something follows the signature", (lines) => [...lines, "more"], /line 15: /],
  ])("%s", (_, change, message) => {
    expect(() => parseSealed(withLines(change))).toThrow(message);
  });

  it("there is nothing, or no line feed at the end", () => {
    expect(() => parseSealed(Buffer.alloc(0))).toThrow(/^line 1: /);
    expect(() => parseSealed(bytes.subarray(0, -1))).toThrow(/^line 14: expected a line feed/);
  });
});

describe("textconv", () => {
  it("shows names, versions and dates, and no ciphertext", () => {
    const text = textconv(bytes);
    expect(text).toContain("secret a/b one 1 text 2026-11-22T08:00:00Z\n");
    expect(text).toContain("secret binary two 1 bytes 2026-11-22T08:00:00Z\n");
    const { contents } = parseSealed(bytes);
    for (const { sealed } of contents.secrets) expect(text).not.toContain(sealed);
    for (const { wrapped } of contents.recipients) expect(text).not.toContain(wrapped);
  });
});
