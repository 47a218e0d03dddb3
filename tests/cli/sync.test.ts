import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

test("sync keeps every byte of the template, and no name of a file becomes a line of it", { timeout }, async () => {
  const { run, directory } = await useProject();
  await run(["init"]);
  const template = join(directory, "secrets");
  const before = "\uFEFF# head\r\n\r\n  A = x # y\r\n\r\n\t# end";
  writeFileSync(template, before);
  chmodSync(template, 0o600);
  mkdirSync(join(directory, "sops"));
  writeFileSync(join(directory, "sops/a\nEVIL=.md"), "${{ secrets.a }} ${{ secrets.B }} ${{ secrets.B }}");
  expect(await run(["sync"])).toMatchObject({ status: 0, stdout: "" });
  const after = readFileSync(template, "utf8");
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length)).toMatch(/^\r\n\r\n# used by sops\/a[^\r\n]*EVIL=\.md\r\nB=\r\n$/);
  expect(statSync(template).mode & 0o777).toBe(0o600);
});

test("sync refuses a template that it could not write back as it was", { timeout }, async () => {
  const { run, directory } = await useProject();
  await run(["init"]);
  const template = join(directory, "secrets");
  writeFileSync(template, Buffer.from([0x41, 0x3d, 0x0a, 0x23, 0xff, 0x0a]));
  writeFileSync(join(directory, "formation.yml"), "a: ${{ secrets.B }}\n");
  const { status, stderr } = await run(["sync"]);
  expect(status).toBe(4);
  expect(stderr).toContain("is no UTF-8 text");
  expect([...readFileSync(template)]).toEqual([0x41, 0x3d, 0x0a, 0x23, 0xff, 0x0a]);
  expect((await run(["check"])).stdout).toContain("is no UTF-8 text");
});
