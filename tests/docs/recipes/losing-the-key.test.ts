import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyholderName } from "../../../src/cli/keyholder-name.js";
import { useGitProject } from "../../support/git-project.js";
import { playPage } from "../../support/play-page.js";
import { isWithoutGit } from "../../support/programs.js";
import type { Project } from "../../support/project.js";

/** What `keys public` prints, in its parts. */
async function publicKey({ run }: Pick<Project, "run">): Promise<readonly [recipient: string, signer: string]> {
  const { stdout } = await run(["keys", "public"]);
  const [, recipient = "", signer = ""] = /^recipient (\S+)\nsigner +(\S+)$/m.exec(stdout) ?? [];
  return [recipient, signer];
}

/** A store that two people write to, each in a clone of his own. */
async function useTeam(): Promise<Project> {
  const project = await useGitProject();
  const colleague = project.machine("colleague");
  await project.run(["init"]);
  await project.run(["set", "databento_api_key", "--stdin"], { input: "the first value" });
  await project.shell("git add -A && git commit -q -m start && git clone -q --bare . ../origin.git");
  await project.shell(
    "git remote add origin ../origin.git && git fetch -q && git branch -q -u origin/$(git branch --show-current)",
  );
  await colleague.shell(
    "git clone -q ../origin.git . && git config user.name Other && git config user.email other@localhost",
  );
  await colleague.run(["keys", "init"]);
  const [recipient, signer] = await publicKey(colleague);
  const add = ["keys", "add", "colleague", recipient, "--principals", "developer", "--write", "--signer", signer];
  expect(await project.run(add)).toMatchObject({ status: 0 });
  await project.shell("git commit -q -a -m 'Let a colleague in' && git push -q");
  return project;
}

test.skipIf(isWithoutGit)("what docs/recipes/losing-the-key.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useTeam();
  const value = "a value that was entered again";
  mkdirSync(join(project.home, "backup"));
  copyFileSync(join(project.directory, ".key"), join(project.home, "backup/key"));
  let [recipient, signer] = ["", ""];
  await playPage("docs/recipes/losing-the-key.md", project, {
    env: { DATABENTO_API_KEY: value },
    replace: (command) =>
      command
        .replace("keys add your_new_key age1…", `keys add your_new_key ${recipient}`)
        .replace("--signer …", `--signer ${signer}`)
        .replace("keys rm you ", `keys rm ${keyholderName()} `),
    restore: (printed) => {
      [, recipient = recipient, signer = signer] = /^recipient (\S+)\nsigner +(\S+)$/m.exec(printed) ?? [];
      return printed;
    },
  });
  expect(await project.run(["get", "databento_api_key"])).toMatchObject({ stdout: `${value}\n` });
  const colleague = project.machine("colleague");
  expect(await colleague.run(["get", "databento_api_key"])).toMatchObject({ status: 0, stdout: "the first value\n" });
});
