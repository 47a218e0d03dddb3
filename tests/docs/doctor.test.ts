import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/doctor.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await playPage("docs/doctor.md", project);
  expect(await project.run(["doctor"])).toMatchObject({ status: 0 });
});
