import { chmodSync, copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseArguments } from "../src/cli/arguments.js";
import { commands } from "../src/cli/commands.js";
import { callsIn, consoleBlocks } from "./support/console-blocks.js";
import { play } from "./support/play-block.js";
import { useProject } from "./support/project.js";
import type { Project } from "./support/project.js";
import { isWithoutGit } from "./support/programs.js";

const root = resolve(import.meta.dirname, "..");
const pages = ["README.md", "SECURITY.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md"),
);

test.each(pages)("%s shows only commands and options there are", (page) => {
  for (const { line, command } of consoleBlocks(join(root, page)).flat()) {
    for (const [name = "", ...rest] of callsIn(command)) {
      if (name === "help" || name.startsWith("-")) continue;
      const declared = commands.find((candidate) => candidate.name === name);
      if (declared === undefined) throw new Error(`${page}:${line}: there is no command ${name}`);
      expect({ page, line, parsed: parseArguments(declared, rest).command }).toEqual({ page, line, parsed: declared });
    }
  }
});

const environment = { TOKEN: "a token of the test" };

async function prepare(): Promise<Project> {
  const project = await useProject();
  const loader = join(project.directory, "loader");
  writeFileSync(loader, '#!/bin/sh\ntest -n "$DATABENTO_API_KEY"\n');
  chmodSync(loader, 0o755);
  writeFileSync(join(project.directory, "server.js"), "process.exit(process.env.OPENAI_API_KEY ? 0 : 1);\n");
  await project.shell("git init -q");
  return project;
}

test.skipIf(isWithoutGit)("what README.md shows happens", { timeout: 60_000 }, async () => {
  const project = await prepare();
  for (const block of consoleBlocks(join(root, "README.md"))) await play(block, project, { env: environment });
  const ended = await project.shell(
    "./loader; mxm-secrets run --only databento_api_key -- ./loader && mxm-secrets check",
  );
  expect(ended).toMatchObject({ status: 0 });
});

test.skipIf(isWithoutGit)(
  "what docs/getting-started.md and docs/exit-codes.md show happens",
  { timeout: 60_000 },
  async () => {
    const project = await prepare();
    const monolith = project.machine("monolith");
    let recipient = "";
    for (const block of consoleBlocks(join(root, "docs/getting-started.md"))) {
      const isThere = block.some(({ command }) => command === "mxm-secrets keys init");
      if (isThere) {
        for (const name of ["mxm-secrets.yaml", "secrets.enc"]) {
          copyFileSync(join(project.directory, name), join(monolith.directory, name));
        }
      }
      const printed = await play(block, isThere ? monolith : project, {
        env: environment,
        replace: (command) => command.replace("age1…", recipient),
      });
      recipient = /^recipient +(age1\S+)$/m.exec(printed)?.[1] ?? recipient;
    }
    const { stdout } = await project.run(["keys", "list"]);
    expect(await project.run(["check"])).toMatchObject({ status: 0 });
    expect(stdout).toContain("writer");
    expect((await project.shell("git config merge.mxm-secrets.driver")).stdout).toContain("mxm-secrets merge");
    for (const block of consoleBlocks(join(root, "docs/exit-codes.md")))
      await play(block, project, { env: environment });
  },
);

test("no page has a figure that was never filled in", () => {
  const written = [...pages, "CHANGELOG.md"];
  const unfilled = written.filter((page) => /\bSEEN_[A-Z0-9]+|\bTODO\b/.test(readFileSync(join(root, page), "utf8")));
  expect(unfilled).toEqual([]);
});
