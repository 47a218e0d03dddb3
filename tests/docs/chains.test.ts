import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/chains.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  // A PATH on which there is no gopass, whatever is installed here.
  const tools = join(project.root, "tools");
  mkdirSync(tools);
  for (const name of ["chmod", "rm"]) symlinkSync(`/bin/${name}`, join(tools, name));
  symlinkSync(process.execPath, join(tools, "node"));
  const env = { PATH: [join(project.root, "bin"), tools].join(":") };
  expect(await playPage("docs/chains.md", project, { env })).toContain("of-this-shell");
});
