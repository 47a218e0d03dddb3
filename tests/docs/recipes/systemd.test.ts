import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeCanary } from "../../support/canary.js";
import { isInstalled, playPage } from "../../support/play-page.js";
import { useProject } from "../../support/project.js";

const isReal = isInstalled("systemd-creds");
const left = isReal ? "" : ", but for the credentials: there is no systemd-creds here";

test(`what docs/recipes/systemd.md shows happens${left}`, { timeout: 60_000 }, async () => {
  const project = await useProject();
  const canary = makeCanary();
  const { directory, root } = project;
  const bin = join(directory, "usr/local/bin");
  const etc = join(directory, "etc/loader");
  for (const made of [bin, etc]) mkdirSync(made, { recursive: true });
  writeFileSync(join(bin, "loader"), "#!/bin/sh\n");
  chmodSync(join(bin, "loader"), 0o755);
  symlinkSync(join(root, "bin/mxm-secrets"), join(bin, "mxm-secrets"));
  writeFileSync(join(root, "bin/sudo"), '#!/bin/sh\nexec "$@"\n');
  chmodSync(join(root, "bin/sudo"), 0o755);
  const env = { SYSTEMD_CREDENTIAL_SECRET: join(root, "host-key") };
  if (isReal) await project.shell("systemd-creds setup", { env });
  await project.run(["init"], { cwd: etc });
  await project.run(["set", "databento_api_key", "--stdin"], { cwd: etc, input: canary.value.replace("\n", " ") });
  // The directories of the host are below that of the test, which the pages show as one of their own.
  const replace = (text: string) => text.replace(/(?<![\w.$])\/(?=(?:etc|usr\/local)\/)/g, `${directory}/`);
  const restore = (printed: string) => printed.replaceAll(/\/home\/you\/project(?=\/(?:etc|usr)\/)/g, "");
  await playPage("docs/recipes/systemd.md", project, { env, replace, restore });
  const written = statSync(join(etc, "environment"));
  expect({ mode: written.mode & 0o777, owner: written.uid }).toEqual({ mode: 0o600, owner: process.getuid?.() });
  expect(canary.filesWith(directory)).toEqual([join(etc, "environment")]);
  expect(readFileSync(join(directory, "etc/systemd/system/loader.service"), "utf8")).toContain("DynamicUser=yes");
});
