import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/env-and-dotenv.md shows happens", { timeout: 60_000 }, async () => {
  expect(await playPage("docs/env-and-dotenv.md", await useProject())).toContain("db-4f9a#1");
});
