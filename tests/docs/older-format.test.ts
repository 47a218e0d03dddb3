import { expect, test } from "vitest";
import { makeOlderStore } from "../support/older-store.js";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

test("what docs/older-format.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  makeOlderStore(project.directory, { OPENAI_API_KEY: "sk-test-123", DATABENTO_API_KEY: "db-test" });
  await playPage("docs/older-format.md", project, { env: { TOKEN: "a token of the test" } });
  expect((await project.run(["list"])).stdout).toBe("databento_api_key\ngithub_token\nopenai_api_key\n");
});
