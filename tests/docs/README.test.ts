import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

test.skipIf(isWithoutGit)("what README.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const loader = join(project.directory, "loader");
  writeFileSync(loader, '#!/bin/sh\ntest -n "$DATABENTO_API_KEY"\n');
  chmodSync(loader, 0o755);
  await project.shell("git init -q");
  await playPage("README.md", project, { env: { TOKEN: "a token of the test" } });
  const ended = await project.shell(
    "./loader; mxm-secrets run --only databento_api_key -- ./loader && mxm-secrets check",
  );
  expect(ended).toMatchObject({ status: 0 });
});
