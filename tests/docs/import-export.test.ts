import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/import-export.md shows happens", { timeout: 60_000 }, async () => {
  expect(await playPage("docs/import-export.md", await useProject())).toContain("1 new, 3 unchanged");
});
