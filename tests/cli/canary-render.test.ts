import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";

const timeout = 60_000;

test(
  "render gives the value to the file or the stream that was asked for, and to nothing else",
  { timeout },
  async () => {
    const { run, canary, quietly, root, file } = await useCanary();
    writeFileSync(file("a.conf"), "k=${{ secrets.FIRST_KEY }}\n");
    writeFileSync(file("a.yaml"), "${{ secrets.FIRST_KEY }}: ${{ secrets.FIRST_KEY }} # ${{ secrets.FIRST_KEY }}\n");
    const shown = await run(["render", "a.conf", "--verbose", "--reason", "to see"]);
    expect(shown.stdout).toBe(`k=${canary.value}\n`);
    expect(canary.formsIn(shown.stderr)).toEqual([]);
    const asJson = await run(["render", "a.conf", "--json"]);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ text: `k=${canary.value}\n` });
    expect(canary.formsIn(asJson.stderr)).toEqual([]);
    expect(await quietly(["render", "a.yaml", "--check"])).toEqual([0]);
    writeFileSync(file("out"), "old", { mode: 0o644 });
    chmodSync(file("out"), 0o644);
    for (const name of ["a.conf", "a.yaml"]) {
      expect(await quietly(["render", name, "-o", "out"])).toEqual([0]);
      expect(statSync(file("out")).mode & 0o777).toBe(0o600);
      expect(canary.filesWith(root)).toEqual([file("out")]);
      rmSync(file("out"));
    }
  },
);

test("no failure of render says the value or leaves a file", { timeout }, async () => {
  const { run, canary, quietly, root, file } = await useCanary();
  const { value } = canary;
  await run(["set", "binary", "--stdin"], { input: Buffer.from([...Buffer.from(value), 0xff]) });
  await run(["set", "nul", "--stdin"], { input: `${value}\0` });
  // A value that somebody pasted where a name belongs is not repeated either.
  const pasted = value.split('"')[0] ?? "";
  const templates = [
    ["${{ secrets.FIRST_KEY }} ${{ secrets.BINARY }}", []],
    ["${{ secrets.FIRST_KEY }} ${{ secrets.NUL }}", ["--escape", "shell"]],
    ["${{ secrets.FIRST_KEY }} ${{ secrets.NO_SUCH }}", []],
    [`\${{ secrets.FIRST_KEY }} \${{ secrets.${pasted} }}`, []],
    [`a: \${{ secrets.FIRST_KEY }}\nb: [${pasted}: {\n`, ["--format", "yaml"]],
    [`{"a": "\${{ secrets.FIRST_KEY }}", ${pasted}}`, ["--format", "json"]],
  ] as const;
  for (const [template, options] of templates) {
    const codes = await quietly(["render", "-", "-o", "out", ...options], template);
    expect({ options, codes, isThere: existsSync(file("out")) }).toEqual({ options, codes: [2], isThere: false });
    // Where the value itself stands in the template, the check must not repeat it either.
    if (template.includes(pasted)) await quietly(["render", "-", "--check", ...options], template);
  }
  const denied = ["render", "-", "-o", "out", "--role", "intern"];
  expect(await quietly(denied, "${{ secrets.FIRST_KEY }}")).toEqual([3]);
  writeFileSync(file("secrets.enc"), `${readFileSync(file("secrets.enc"), "utf8")}x`);
  expect(await quietly(["render", "-", "-o", "out"], "${{ secrets.FIRST_KEY }}")).toEqual([6]);
  expect(existsSync(file("out"))).toBe(false);
  expect(canary.filesWith(root)).toEqual([]);
});
