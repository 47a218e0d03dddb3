import { expect, test } from "vitest";
import { useGitProject } from "../../support/git-project.js";
import { playPage } from "../../support/play-page.js";
import { isWithoutGit } from "../../support/programs.js";

const committed = "OPENAI_API_KEY='sk-proj-example-0123456789abcdef'\n";

test.skipIf(isWithoutGit)("what docs/recipes/from-dotenv.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useGitProject();
  // Somebody had committed it once.
  await project.shell("cat > .env && git add .env && git commit -q -m start", { input: committed });
  const env = {
    NEW_DATABASE_URL: "postgres://app:another-password@db.internal/app",
    NEW_OPENAI_API_KEY: "sk-proj-another",
  };
  expect(await playPage("docs/recipes/from-dotenv.md", project, { env })).toContain(".env:1");
  expect(await project.run(["get", "openai_api_key"])).toMatchObject({ stdout: `${env.NEW_OPENAI_API_KEY}\n` });
  expect(await project.run(["scan"])).toMatchObject({ status: 0 });
});
