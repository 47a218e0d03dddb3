import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/types.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await playPage("docs/types.md", project);
  expect(await project.run(["types", "--check"])).toMatchObject({ status: 0 });
});
