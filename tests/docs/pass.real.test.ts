import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isWithoutPass } from "../support/pass.js";
import { playPage } from "../support/play-page.js";
import type { Machine } from "../support/project.js";
import { useProject } from "../support/project.js";

/** Runs gpg in a machine's own home, where its agent is ended with the test. */
function gpg({ environment }: Machine, argv: readonly string[], input: string | Buffer = ""): Buffer {
  const { status, stdout, stderr } = spawnSync("gpg", ["--batch", "--quiet", ...argv], { env: environment, input });
  if (status !== 0) throw new Error(`gpg ${argv.join(" ")}: ${stderr.toString()}`);
  return stdout;
}

function makeKey(machine: Machine, user: string): string {
  onTestFinished(() => void spawnSync("gpgconf", ["--kill", "all"], { env: machine.environment }));
  gpg(machine, ["--passphrase", "", "--quick-generate-key", user, "ed25519", "default", "never"]);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(
    gpg(machine, ["--with-colons", "--list-keys", user]).toString(),
  )?.[1];
  if (fingerprint === undefined) throw new Error("gpg listed no key");
  gpg(machine, ["--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr", "never"]);
  return fingerprint;
}

test.skipIf(isWithoutPass)("what docs/pass.md shows happens", { timeout: 120_000 }, async () => {
  const project = await useProject();
  const server = project.machine("server");
  makeKey(project, "you@example.org");
  const fingerprint = makeKey(server, "server@example.org");
  gpg(project, ["--import"], gpg(server, ["--export", fingerprint]));
  gpg(project, ["--import-ownertrust"], `${fingerprint}:6:\n`);
  const { status } = await project.shell(
    "git config --global user.name you; git config --global user.email you@example.org",
  );
  expect(status).toBe(0);
  const store = join(project.home, ".password-store");
  const printed = await playPage("docs/pass.md", project, {
    replace: (text) =>
      text.replace(
        "git@example.org:passwords ~/.password-store",
        `${store} ~/.password-store && cp '${project.directory}/mxm-secrets.yaml' .`,
      ),
  });
  expect(printed).toContain("example-new-password");
});
