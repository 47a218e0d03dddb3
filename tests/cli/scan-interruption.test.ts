import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";
import { isWithoutGit } from "../support/programs.js";

test.skipIf(isWithoutGit)("Ctrl-C ends a scan of history, and git with it", { timeout: 60_000 }, async () => {
  const { run, start, shell, environment, root } = await useProject();
  await shell("git init -q; git config user.name n; git config user.email n@example.org");
  await run(["init"]);
  await shell("git add -A; git commit -q -m start");
  // A git that begins to print an object and takes for ever over it.
  const started = join(root, "started");
  const { stdout } = await shell("command -v git");
  const slow = `#!/bin/sh
case "$*" in
  *cat-file*) echo "0123 blob 5 file"; printf ab; echo $$ >"${started}.tmp"; mv "${started}.tmp" "${started}"; exec sleep 60 ;;
  *) exec ${stdout.trim()} "$@" ;;
esac
`;
  writeFileSync(join(root, "bin/git"), slow, { mode: 0o755 });
  const child = start(["scan", "--history"], "pipe", { env: environment });
  const ended = endOf(child);
  while (!existsSync(started) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ status: 130, stdout: "", stderr: "" });
  expect(() => process.kill(Number(readFileSync(started, "utf8")), 0)).toThrow("ESRCH");
});
