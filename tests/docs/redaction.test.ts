import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/redaction.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  expect(await playPage("docs/redaction.md", project)).not.toContain("s3cr3t+value");
});
