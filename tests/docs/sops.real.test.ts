import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { toolsDirectory } from "../support/gopass.js";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";
import { findSops, makeUser, openSops, write } from "../support/sops.js";

const found = findSops();
const plain = `database:
    password: example-password
    port: 5432
users:
    - name: deploy
      token: example-token
`;

test.skipIf(found === undefined)("what docs/sops.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  const user = await makeUser(project.home);
  const environment = {
    ...user.environment,
    ...project.environment,
    SOPS_AGE_KEY_FILE: user.keyFile,
    PATH: [project.environment["PATH"], toolsDirectory].join(delimiter),
  };
  const must = (program: string, ...argv: readonly string[]) => {
    const { status, stderr } = spawnSync(program, argv, { cwd: project.directory, env: environment });
    expect([program, status, status === 0 ? "" : stderr.toString()]).toEqual([program, 0, ""]);
  };
  writeFileSync(join(project.directory, "secrets.yaml"), plain);
  must(found ?? "sops", "encrypt", "--age", user.recipient, "--in-place", "secrets.yaml");
  must("git", "init", "--quiet");
  must("git", "add", "secrets.yaml");
  await playPage("docs/sops.md", project, {
    env: environment,
    replace: (text) => text.replaceAll(/age1pgk\w+/g, user.recipient),
  });

  // The rules that the page shows are followed.
  for (const [file, path] of [
    ["prod/new.yaml", "any/name"],
    ["new.yaml", "password"],
  ] as const) {
    const absolute = join(project.directory, file);
    mkdirSync(dirname(absolute), { recursive: true });
    await write(openSops({ ...user, environment }, absolute), path, "v");
    must(found ?? "sops", "decrypt", file);
  }
});
