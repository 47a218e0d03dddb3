import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/exit-codes.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  expect(await project.run(["init"])).toMatchObject({ status: 0 });
  expect(await playPage("docs/exit-codes.md", project)).toContain("unknown_name");
});
