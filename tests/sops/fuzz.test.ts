import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSops, sopsUser, write } from "../support/sops.js";
import { fuzzCanary, fuzzFile, fuzzRuns } from "../support/sops-fuzz.js";

test.each([
  ["yaml", ["a", "b/c", "b/d"]],
  ["json", ["a", "b/c", "b/d"]],
  ["env", ["A", "B", "C"]],
  ["ini", ["a/b", "a/c", "d/e"]],
  ["bin", ["data"]],
] as const)(
  "a %s file of ours that was changed at random gives its own values or an error that names it",
  { timeout: Math.max(60_000, fuzzRuns * 100) },
  async (extension, paths) => {
    const user = await sopsUser();
    const file = join(user.directory, `secrets.${extension}`);
    for (const path of paths) await write(openSops(user, file), path, `${fuzzCanary} ${path}`);
    await expect(fuzzFile(file, readFileSync(file), user)).resolves.toBeUndefined();
  },
);
