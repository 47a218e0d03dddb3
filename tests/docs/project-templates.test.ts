import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/project-templates.md shows happens", { timeout: 60_000 }, async () => {
  expect(await playPage("docs/project-templates.md", await useProject())).toContain("formation.afs:4");
});
