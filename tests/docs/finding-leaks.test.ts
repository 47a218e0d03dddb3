import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

test.skipIf(isWithoutGit)("what docs/finding-leaks.md shows happens", { timeout: 60_000 }, async () => {
  const printed = await playPage("docs/finding-leaks.md", await useProject());
  expect(printed).toMatch(/^[0-9a-f]{12}:notes\.txt:1: databento_api_key \(as it is\)$/m);
});
