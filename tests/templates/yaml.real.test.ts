import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openTemplate } from "../../src/templates/formats.js";
import { pythonWith } from "../support/python.js";

const python = pythonWith("yaml");
const reference = "${{ secrets.a }}";

/** One value in every style of scalar, with text around it. */
const template = [
  `plain: x ${reference} y`,
  `folded plain: x\n  ${reference}\n  y`,
  `double: "x ${reference} y"`,
  `double lines: "x\n  ${reference}\n  y"`,
  `single: 'it''s ${reference}'`,
  `literal: |\n  x\n  ${reference} y`,
  `kept: |+ # comment\n    ${reference}\n     y\n`,
  `folded: >-\n  ${reference}\n  y\n\n  z`,
  `indented: |2\n   ${reference}\n  y`,
  `flow: ["${reference}", {a: '${reference}'}]`,
  `alone: &alone ${reference}\nalias: *alone`,
  `tagged: !!str ${reference}\n`,
].join("\n");

const words = "a 0x10 yes null ~ : # ' \" \\ - --- ... % @ ` { } [ ] , & * ! | > ? << = 2001-01-01 😀 ${{ secrets.b }}";
const signs = [" ", "\n", "\n\n", "\t", ": ", " #", "\n---\n", "\n...\n", "\r", "\r\n", "\n  x", "\n\tx"];
const unprinted = ["\0", "\u001b", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"];
const pieces = fc.constantFrom(...words.split(" "), ...signs, ...unprinted);
const values = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(""));

test.skipIf(python === undefined)(
  "PyYAML, which reads YAML 1.1, finds every value as it is in a filled template",
  async () => {
    const sample = fc.sample(values, { numRuns: 300, seed: 3 });
    const texts = await Promise.all(
      ["MARKER", ...sample].flatMap((value) =>
        ["\n", "\r\n"].map(async (lineBreak) =>
          (await openTemplate(template.replaceAll("\n", lineBreak), "yaml")).render(() => value),
        ),
      ),
    );
    const script = "import json, sys, yaml; print(json.dumps([yaml.safe_load(text) for text in json.load(sys.stdin)]))";
    const { stdout, stderr } = spawnSync(python ?? "", ["-c", script], {
      input: JSON.stringify(texts),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const [marked, markedToo, ...read] = JSON.parse(stdout) as readonly unknown[];
    expect(markedToo).toEqual(marked);
    for (const [index, value] of sample.entries()) {
      const expected: unknown = JSON.parse(
        JSON.stringify(marked).replaceAll("MARKER", () => JSON.stringify(value).slice(1, -1)),
      );
      expect({ value, read: read[2 * index] }).toEqual({ value, read: expected });
      expect({ value, read: read[2 * index + 1] }).toEqual({ value, read: expected });
    }
  },
);
