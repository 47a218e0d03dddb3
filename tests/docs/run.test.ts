import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/run.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  const printed = await playPage("docs/run.md", project, { env: { TOKEN: "a token of the test" } });
  expect(printed).toContain("[secret databento_api_key]");
  expect(printed).not.toContain("a token of the test");
});
