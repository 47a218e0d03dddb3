import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isInstalled, playPage } from "../../support/play-page.js";
import { useProject } from "../../support/project.js";

const value = "example-key-of-24-chars!";
const curl = '#!/bin/sh\ncat > "$HOME/header"; echo "$@" > "$HOME/argv"; echo loaded\n';
const left = isInstalled("python3") ? "" : ", but for Python: there is none here";

test(`what docs/recipes/python-and-shell.md shows happens${left}`, { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "databento_region", "--stdin"], { input: "us" });
  await project.run(["rm", "databento_region", "--keep-ref", "--yes"]);
  await project.run(["set", "databento_api_key", "--stdin"], { input: value });
  writeFileSync(join(project.root, "bin/curl"), curl);
  chmodSync(join(project.root, "bin/curl"), 0o755);
  await playPage("docs/recipes/python-and-shell.md", project);
  expect(readFileSync(join(project.home, "header"), "utf8")).toBe(`Authorization: Bearer ${value}\n`);
  expect(readFileSync(join(project.home, "argv"), "utf8")).toBe("--silent --header @- https://api.example/v1\n");
});
