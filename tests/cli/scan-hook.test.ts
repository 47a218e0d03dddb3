import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useScanned } from "../support/scan-project.js";

const timeout = 60_000;

describe.skipIf(isWithoutGit)("the hook", () => {
  const install = ["scan", "--install-hook"];

  test("goes where git looks for it: hooksPath, husky, a linked work tree", { timeout }, async () => {
    const { run, shell, directory } = await useScanned();
    await shell("git worktree add -q ../linked");
    expect((await run(install, { cwd: join(directory, "../linked") })).stderr).not.toContain("work tree");
    expect((await shell("test -x .git/hooks/pre-commit")).status).toBe(0);
    expect((await run(["scan", "--uninstall-hook"])).status).toBe(0);
    expect((await shell("ls .git/hooks/pre-commit")).status).not.toBe(0);
    await shell("git config core.hooksPath hooks");
    expect((await run(install)).stderr).toContain("`hooks/pre-commit` is a file of the work tree: commit it");
    expect((await shell("test -x hooks/pre-commit")).status).toBe(0);
    await shell("mkdir -p .husky/_; echo 'npm test' > .husky/pre-commit; git config core.hooksPath .husky/_");
    expect((await run(install)).stderr).toContain("`.husky/pre-commit` is a file of the work tree");
    expect((await shell("tail -n 1 .husky/pre-commit")).stdout).toBe("npm test\n");
    await shell("git config core.hooksPath ../elsewhere");
    expect((await run(install)).stderr).toContain("in every repository whose core.hooksPath leads there");
  });

  test("carries who asks and what is looked for, quoted", { timeout }, async () => {
    const { run, shell, directory } = await useScanned();
    await run([...install, "--only", "api_key", "--for", "the loader's"]);
    expect((await shell("grep ' scan --' .git/hooks/pre-commit")).stdout).toBe(
      "mxm-secrets scan --staged --for 'the loader'\\''s' --only api_key || exit $?\n",
    );
    await run([
      ...install,
      "--role",
      "developer",
      "--reason",
      "before a commit",
      "--all",
      "--allow-insecure-permissions",
    ]);
    expect((await shell("grep ' scan --' .git/hooks/pre-commit")).stdout).toBe(
      "mxm-secrets scan --staged --role developer --reason 'before a commit' --all --allow-insecure-permissions || exit $?\n",
    );
    await shell("mkdir part; git mv mxm-secrets.yaml part");
    await run(install, { cwd: join(directory, "part") });
    expect((await shell("grep ' scan --' .git/hooks/pre-commit")).stdout).toBe(
      "mxm-secrets scan --staged --config part/mxm-secrets.yaml || exit $?\n",
    );
  });

  test("is left as it is when it is no shell script or a link, and elsewhere there is none", { timeout }, async () => {
    const { run, shell, write, directory } = await useScanned();
    write(".git/hooks/pre-commit", "#!/usr/bin/env python3\nprint()\n");
    expect(await run(install)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("let it run `mxm-secrets scan --staged` and stop when that fails"),
    });
    await shell("rm .git/hooks/pre-commit; touch ../target; ln -s ../../../target .git/hooks/pre-commit");
    expect(await run(install)).toMatchObject({ status: 2, stderr: expect.stringContaining("symbolic link") });
    expect((await shell("cat ../target; rm .git/hooks/pre-commit")).stdout).toBe("");
    expect(await run(["scan", "--uninstall-hook"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("no hook"),
    });
    expect(await run(install, { cwd: join(directory, "..") })).toMatchObject({ status: 2 });
    expect(await run([...install, "--uninstall-hook"])).toMatchObject({ status: 2 });
    for (const words of [["a.txt"], ["--history"], ["--range", "HEAD~1..HEAD"], ["--exclude", ".."]]) {
      expect({ words, end: await run([...install, ...words]) }).toMatchObject({ words, end: { status: 2 } });
    }
  });
});
