import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { allOf, Inspector } from "../../src/scan/inspector.js";
import { compileMarks } from "../../src/scan/marks.js";
import { valueMarks } from "../../src/scan/value-marks.js";

const line = () => randomBytes(36).toString("base64");
const lines = [line(), line(), line()];

const inspect = (path: string, contents: string, byName = true) => {
  const { marks } = valueMarks([{ name: "key_file", value: Buffer.from(lines.join("\n")) }]);
  const inspector = new Inspector(compileMarks(marks));
  inspector.begin(Buffer.from(path), byName);
  for (const character of Buffer.from(contents)) inspector.write(Buffer.of(character));
  return allOf(inspector.end()).map((sighting) => `${sighting.line} ${sighting.name} ${sighting.form}`);
};

test("lines of a value that follow each other are one sighting, others are their own", () => {
  const [a = "", b = "", c = ""] = lines;
  expect(inspect("file", `x\n  ${a}\n  ${b}\n  ${c}\n\n${b}\n`)).toEqual([
    "2 key_file 3 lines of it",
    "6 key_file a part of it",
  ]);
  expect(inspect("file", `${a}\n${b}\n${c}\n`)).toEqual(["1 key_file 3 lines of it"]);
});

test("an env file is one by its name alone, in a repository alone, and of a bearable size", () => {
  expect(inspect("a/.env", "A=something\n")).toEqual(["1 A plaintext in an env file"]);
  expect(inspect("a/.env", "A=something\n", false)).toEqual([]);
  expect(inspect("a.env/file", "A=something\n")).toEqual([]);
});

test("a path is shown without the values in it", () => {
  const { marks } = valueMarks([{ name: "token", value: Buffer.from("token-5f1d0c9ab7e3") }]);
  const inspector = new Inspector(compileMarks(marks));
  expect(inspector.shown(Buffer.from("a/token-5f1d0c9ab7e3.txt"))).toBe("a/******************.txt");
});
