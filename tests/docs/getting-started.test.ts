import { copyFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { consoleBlocks } from "../support/console-blocks.js";
import { play } from "../support/play-block.js";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

const page = resolve(import.meta.dirname, "../../docs/getting-started.md");

test.skipIf(isWithoutGit)("what docs/getting-started.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  writeFileSync(join(project.directory, "server.js"), "process.exit(process.env.OPENAI_API_KEY ? 0 : 1);\n");
  await project.shell("git init -q");
  const monolith = project.machine("monolith");
  let recipient = "";
  for (const block of consoleBlocks(page)) {
    const isThere = block.some(({ command }) => command === "mxm-secrets keys init");
    if (isThere) {
      for (const name of ["mxm-secrets.yaml", "secrets.enc"]) {
        copyFileSync(join(project.directory, name), join(monolith.directory, name));
      }
    }
    const printed = await play(block, isThere ? monolith : project, {
      env: { TOKEN: "a token of the test" },
      replace: (command) => command.replace("age1…", recipient),
    });
    recipient = /^recipient +(age1\S+)$/m.exec(printed)?.[1] ?? recipient;
  }
  const { stdout } = await project.run(["keys", "list"]);
  expect(await project.run(["check"])).toMatchObject({ status: 0 });
  expect(stdout).toContain("writer");
  expect((await project.shell("git config merge.mxm-secrets.driver")).stdout).toContain("mxm-secrets merge");
});
