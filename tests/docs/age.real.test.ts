import { delimiter } from "node:path";
import { expect, test } from "vitest";
import { postQuantumAge } from "../support/age-program.js";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test.skipIf(postQuantumAge === undefined)("what docs/age.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const PATH = [postQuantumAge?.directory, project.environment["PATH"]].join(delimiter);
  expect(await playPage("docs/age.md", project, { env: { PATH } })).toContain("made-by-age");
});
