// A scratch directory in which the built command runs under its own name, with nothing of the user's home.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;

/** Builds the command when it was not built yet. */
export function requireBuild() {
  if (existsSync(join(root, "dist/mxm-secrets.cjs"))) return;
  const { status } = spawnSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

/**
 * Makes the directory and returns how to show a command with its output there. `demonstrate` prints the command as a
 * user types it, runs it, prints what it prints, and throws when its exit code is not the one expected.
 */
export function openScratch(environment = {}, parent = tmpdir()) {
  const directory = mkdtempSync(join(parent, "mxm-"));
  const bin = join(directory, "bin");
  const project = join(directory, "project");
  for (const path of [bin, project]) mkdirSync(path);
  symlinkSync(join(root, "dist/mxm-secrets.cjs"), join(bin, "mxm-secrets"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const env = {
    PATH: [bin, join(root, ".tools/bin"), process.env.PATH].join(":"),
    HOME: directory,
    LANG: "C.UTF-8",
    ...environment,
  };
  const run = (command, options = {}) =>
    spawnSync("/bin/sh", ["-c", command], {
      cwd: project,
      env: { ...env, ...options.env },
      encoding: "utf8",
      input: options.input,
    });

  const demonstrate = (command, { expect = 0, env: extra } = {}) => {
    process.stdout.write(`$ ${command}\n`);
    const { status, stdout, stderr } = run(command, { env: extra });
    process.stdout.write(stdout + stderr);
    if (expect !== 0) process.stdout.write(`(exit code ${status})\n`);
    process.stdout.write("\n");
    if (status !== expect) throw new Error(`expected exit code ${expect}, got ${status}`);
  };
  return { directory, project, env, run, demonstrate, remove };
}
