import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCanary } from "../../support/canary.js";
import { playPage } from "../../support/play-page.js";
import { useProject } from "../../support/project.js";

/** Says that it serves, and keeps what others can see of it. */
const server = '#!/bin/sh\ntest -n "$DATABENTO_API_KEY" && cat /proc/$$/cmdline > seen && echo serving\n';

test("what docs/recipes/wrapper.md shows happens, and nothing is in argv", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const canary = makeCanary();
  await project.run(["init"]);
  await project.run(["set", "databento_api_key", "--stdin"], { input: canary.value });
  const file = join(project.directory, "bin/server");
  mkdirSync(join(project.directory, "bin"));
  writeFileSync(file, server);
  chmodSync(file, 0o755);
  await playPage("docs/recipes/wrapper.md", project);
  const seen = readFileSync(join(project.directory, "seen"), "latin1");
  expect(seen.split("\0")).toContain("--port");
  expect(canary.filesWith(project.directory)).toEqual([]);
});
