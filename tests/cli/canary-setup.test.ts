import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";

const timeout = 60_000;

test("setup and sync say nothing of a value, whatever is wrong with it", { timeout }, async () => {
  const { canary, file, quiet, quietly, run, directory, home } = await useCanary();
  const [value = ""] = canary.value.split("\n");
  writeFileSync(file("secrets"), `FIRST_KEY=\nSECOND_KEY=\nDUMMY=${value}\n`);
  writeFileSync(file("formation.afs"), `a: \${{ secrets.second_key }} ${value}\nb: \${{ secrets.${value} }}\n`);
  // The values that are given on purpose are in these files, and nowhere else.
  const holders = [file("secrets"), file("formation.afs"), file("values.env")];
  const lines: readonly (readonly [string, readonly number[]])[] = [
    [`SECOND_KEY=${value}\n${value}\n`, [2]],
    [`${value}=SECOND_KEY\n`, [2]],
    [`SECOND_KEY=${value}\r\n`, [2]],
    [`SECOND_KEY=${value}\nsecond_key=${value}\n`, [2]],
    [`FIRST_KEY=${value}\n`, [1]],
  ];
  for (const [input, codes] of lines) expect(await quietly(["setup", "--stdin"], input)).toEqual(codes);
  writeFileSync(file("values.env"), `SECOND_KEY="${canary.value.replaceAll('"', '\\"')}"\nDUMMY='${value}\n`, {
    mode: 0o600,
  });
  expect(await quietly(["setup", "--from", "values.env"])).toEqual([2]);
  writeFileSync(file("values.env"), `SECOND_KEY="${canary.value.replaceAll('"', '\\"')}"\n`);
  expect(await quietly(["setup", "--from", "values.env", "--role", "intern"])).toEqual([3]);
  expect(await quietly(["setup", "--from", "values.env"])).toEqual([1]);
  expect(quiet(await run(["setup", value]), "setup with an argument")).toBe(2);
  for (const words of [["sync"], ["sync", "--check"], ["check"], ["rm", "second_key"], ["mv", "second_key", "third"]]) {
    const codes = await quietly(words);
    expect(codes.every((code) => [0, 2, 7].includes(code))).toBe(true);
  }
  expect(canary.filesWith(directory, home).filter((name) => !holders.includes(name))).toEqual([]);
});
