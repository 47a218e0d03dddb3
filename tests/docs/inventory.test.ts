import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/inventory.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  const env = { DATABENTO_API_KEY: "a value of the test" };
  expect(await playPage("docs/inventory.md", project, { env })).toContain("| databento\\_api\\_key |");
});
