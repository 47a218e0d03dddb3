import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { makeCanary } from "../../support/canary.js";
import { useGitProject } from "../../support/git-project.js";
import { playPage } from "../../support/play-page.js";
import { isWithoutGit } from "../../support/programs.js";

const kubectl = '#!/bin/sh\ncat > "$HOME/manifest"; echo secret/loader configured\n';

test.skipIf(isWithoutGit)(
  "what docs/recipes/gitops.md shows happens, and no value is printed",
  { timeout: 60_000 },
  async () => {
    const project = await useGitProject();
    const canary = makeCanary();
    const value = canary.value.replace("\n", " ");
    await project.run(["init"]);
    for (const name of ["databento_api_key", "db_password"])
      await project.run(["set", name, "--stdin"], { input: value });
    writeFileSync(join(project.root, "bin/kubectl"), kubectl);
    chmodSync(join(project.root, "bin/kubectl"), 0o755);
    const printed = await playPage("docs/recipes/gitops.md", project);
    expect(canary.formsIn(printed)).toEqual([]);
    const live = join(project.directory, "live.yaml");
    expect(parse(readFileSync(live, "utf8"))).toEqual({
      database: { host: "db.internal", password: value },
      feeds: [{ name: "databento", key: value }],
    });
    expect(statSync(live).mode & 0o777).toBe(0o600);
    expect(canary.filesWith(project.directory)).toEqual([live]);
    const manifest = parse(readFileSync(join(project.home, "manifest"), "utf8")) as { metadata: object };
    expect(manifest.metadata).toEqual({ name: "loader", namespace: "trading" });
  },
);
