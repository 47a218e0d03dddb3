import fc from "fast-check";
import { expect, test } from "vitest";
import { dotenvFormat } from "../../../src/delivery/export/dotenv.js";
import type { ExportFormat } from "../../../src/delivery/export/format.js";
import { jsonFormat } from "../../../src/delivery/export/json.js";
import { yamlFormat } from "../../../src/delivery/export/yaml.js";
import { formatOfFile, importFormats } from "../../../src/delivery/import/formats.js";
import type { ImportFormat } from "../../../src/delivery/import/values.js";
import { formatProblem } from "../../../src/domain/problem.js";
import { asRecord, entriesOf, values } from "../export/values.js";
import { rejection } from "../../support/scratch.js";

const writers: Readonly<Record<string, ExportFormat>> = { dotenv: dotenvFormat, json: jsonFormat, yaml: yamlFormat };

test.each(importFormats)("$name takes back whatever is exported as $name", async (format) => {
  const writer = writers[format.name];
  if (writer === undefined) throw new Error(`nothing writes ${format.name}`);
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 5 }), async (found) => {
      const entries = entriesOf(found).filter((entry) => writer.fault(entry) === undefined);
      const read = await format.read(writer.write(entries, {}), "file");
      expect(read.problems).toEqual([]);
      expect(Object.fromEntries(read.values.map(({ written, value }) => [written, value]))).toEqual(asRecord(entries));
    }),
    { numRuns: 200 },
  );
});

test.each(importFormats)("$name says of any bytes what is wrong with them, or reads them", async (format) => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (bytes) => {
        const problems = await problemsOf(format, Buffer.from(bytes));
        expect(problems.filter((problem) => !problem.includes("file"))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  [".env", "dotenv"],
  [".env.local", "dotenv"],
  ["deploy/.env.production", "dotenv"],
  ["app.env", "dotenv"],
  ["secrets.json", "json"],
  ["secrets.YML", "yaml"],
  ["secrets.yaml", "yaml"],
  ["secrets", undefined],
  ["my.environment", undefined],
  ["x.env.bak", undefined],
])("the name %s says the format %s", (file, format) => {
  expect(formatOfFile(file)?.name).toBe(format);
});

const faulty: readonly (readonly [format: string, text: string, problems: readonly string[]])[] = [
  [
    "json",
    '{\n  "A": "1",\n  "B": 2, "C": true,\n  "D": null,\n  "E": { "A": "x" },\n  "F": ["A", "B"],\n  "A": "2",\n  "G": "\\ud800"\n}',
    [
      "file:3: B: expected text, found a number: put it in quotes, so that its text is certain",
      "file:3: C: expected text, found true or false: put it in quotes, so that its text is certain",
      "file:4: D: expected text, found nothing: put the text in quotes, or leave the name out",
      "file:5: E: expected text, found a mapping: a secret is one text; put JSON in quotes",
      "file:6: F: expected text, found a list: a secret is one text; put JSON in quotes",
      "file:7: A: is there already, on line 2; keep one of them",
      "file:8: G: expected valid Unicode, found half a surrogate pair",
    ],
  ],
  ["json", '["A"]', ["file:1: expected one object of names and texts"]],
  ["json", '\n"A"', ["file:2: expected one object of names and texts"]],
  ["json", '{"A": "the value', ["file:1: expected JSON"]],
  ["json", "the value", ["file: expected JSON"]],
  ["json", "", ["file: expected JSON"]],
  [
    "yaml",
    "A: text\nB: 0123\nC: 1e3\nD: true\nE:\nF:\n  A: x\nG: [x]\nH: yes\nI: 12:30\n",
    [
      "file:2: B: expected text, found a number: put it in quotes, so that its text is certain",
      "file:3: C: expected text, found a number: put it in quotes, so that its text is certain",
      "file:4: D: expected text, found true or false: put it in quotes, so that its text is certain",
      "file:5: E: expected text, found nothing: put the text in quotes, or leave the name out",
      "file:6: F: expected text, found a mapping: a secret is one text; put JSON in quotes",
      "file:8: G: expected text, found a list: a secret is one text; put JSON in quotes",
    ],
  ],
  ["yaml", "A: x\nA: y\n", ["file:2: A: the key `A` is here twice"]],
  ["yaml", "- A\n", ["file:1: expected one object of names and texts"]],
  ["dotenv", "A=1\nB='open", ["`file` line 2: the single quote that opens here is never closed"]],
  ["dotenv", "A=1\nA=2", ["`file` line 2: `A` is there already, on line 1"]],
];

test.each(faulty)("%s %j has its problems named by line, and no value in them", async (name, text, problems) => {
  expect(await problemsOf(formatNamed(name), Buffer.from(text))).toEqual(problems);
});

test("JSON keeps values whatever they look like, in nested data too", async () => {
  const text = '{"A": "x, \\"A\\": {[", "B" : "C", "__proto__": "p"}';
  expect((await formatNamed("json").read(Buffer.from(text), "file")).values).toEqual([
    { written: "A", value: 'x, "A": {[', line: 1 },
    { written: "B", value: "C", line: 1 },
    { written: "__proto__", value: "p", line: 1 },
  ]);
});

test("an env file keeps unquoted JSON whole, and a `#` that others take for a comment is told", async () => {
  const text = 'TOKENS={"a": "b # c"}\nPASSWORD=p4ss#word\n';
  const { values: found, remarks } = await formatNamed("dotenv").read(Buffer.from(text), ".env");
  expect(found.map(({ value }) => value)).toEqual(['{"a": "b # c"}', "p4ss#word"]);
  expect(remarks[1]).toBe(".env:2: PASSWORD has a `#` without quotes; all of it is taken as the value");
});

async function problemsOf(format: ImportFormat, bytes: Uint8Array): Promise<readonly string[]> {
  const reading = format.read(bytes, "file").then(({ problems }) => problems.map(formatProblem));
  return reading.catch(async () => {
    const thrown = await rejection(reading);
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  });
}

function formatNamed(name: string): ImportFormat {
  const format = importFormats.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`there is no format ${name}`);
  return format;
}
