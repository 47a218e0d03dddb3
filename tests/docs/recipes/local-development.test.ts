import { expect, test } from "vitest";
import { playPage } from "../../support/play-page.js";
import { isWithoutGit } from "../../support/programs.js";
import { useGitProject } from "../../support/git-project.js";

test.skipIf(isWithoutGit)("what docs/recipes/local-development.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useGitProject();
  const env = { DATABENTO_API_KEY: "the value of the team", MY_OWN_KEY: "a value of my own" };
  await playPage("docs/recipes/local-development.md", project, { env });
  expect(await project.run(["get", "databento_api_key"])).toMatchObject({ stdout: `${env.MY_OWN_KEY}\n` });
  await project.shell("rm mxm-secrets.local.yaml");
  expect(await project.run(["get", "databento_api_key"])).toMatchObject({ stdout: `${env.DATABENTO_API_KEY}\n` });
});
