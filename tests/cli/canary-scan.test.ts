import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";
import { isWithoutGit } from "../support/programs.js";

const timeout = 60_000;

test.skipIf(isWithoutGit)("scan says no value, whatever it finds it in", { timeout }, async () => {
  const { canary, quietly, quiet, shell, directory, root } = await useCanary();
  const { value } = canary;
  const part = value.split('"')[0] ?? "";
  await shell(
    "git init -q; git config user.name n; git config user.email n@example.org; git add -A; git commit -q -m start",
  );
  const written: Readonly<Record<string, string | Uint8Array>> = {
    "as-it-is": `before ${value} behind`,
    base64: Buffer.from(value).toString("base64"),
    hex: Buffer.from(value).toString("hex"),
    json: JSON.stringify({ value }),
    utf16: Buffer.from(value, "utf16le"),
    ".env": `TOKEN="${part}"\nother ${value}\n`,
    [`named-${part}`]: "nothing",
    [`folder-${part}\n/file`]: value,
  };
  for (const [name, contents] of Object.entries(written)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), contents);
  }
  expect(await quietly(["scan"])).toEqual([7]);
  await shell("git add --all");
  expect(await quietly(["scan", "--staged"])).toEqual([7]);
  expect(await quietly(["scan", "--install-hook"])).toEqual([0]);
  const hooked = await shell(`git commit -m "$MESSAGE"`, { env: { MESSAGE: "subject" } });
  expect(quiet(hooked, "the hook")).toBe(1);
  await shell(`git commit -q --no-verify -m "$MESSAGE"; git tag -a v1 -m "$MESSAGE"`, { env: { MESSAGE: value } });
  expect(await quietly(["scan", "--history"])).toEqual([7]);
  // What goes wrong is told without the path that holds it.
  for (const words of [["--range", "HEAD~1..HEAD"], [`named-${part}`], [join(root, "project")]]) {
    await quietly(["scan", ...words]);
  }
  await shell("rm -rf .git/objects/??");
  expect(await quietly(["scan", "--history"])).toEqual([4]);
  expect(await quietly(["scan", "--staged"])).toEqual([4]);
});
