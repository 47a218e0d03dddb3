#!/usr/bin/env node
// Puts the programs that the real-tool tests need into the ignored .tools: gopass (built by Go), gpg and git (from the
// operating system), and Python's cryptography and PyYAML in a virtual environment. `--check` only reports. Exit 0 when
// every program is there, or cannot be had because there is no Python for it; 1 when one is missing.
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const gopassVersion = "1.16.1";
const gopassModule = `github.com/gopasspw/gopass@v${gopassVersion}`;
const oldestGo = [1, 24];

const pythonPackages = { cryptography: "50.0.2", PyYAML: "6.0.3" };

const toolsDirectory = join(dirname(dirname(fileURLToPath(import.meta.url))), ".tools");
const binDirectory = join(toolsDirectory, "bin");
const checkOnly = process.argv.includes("--check");
const failures = [];

if (process.argv.slice(2).some((argument) => argument !== "--check")) {
  console.error("usage: node scripts/install-tools.mjs [--check]");
  process.exit(2);
}

if (!checkOnly) mkdirSync(binDirectory, { recursive: true });
for (const install of [linkGpg, linkGit, installGopass, installPythonPackages]) {
  try {
    console.error(install());
  } catch (error) {
    failures.push(error);
    console.error(`missing  ${error.message}`);
  }
}
process.exitCode = failures.length === 0 ? 0 : 1;

function linkGpg() {
  const line = linkFromSystem("gpg", "gnupg");
  for (const companion of ["gpgconf", "gpg-agent", "gpg-connect-agent"]) linkFromSystem(companion, "gnupg");
  return line;
}

function linkGit() {
  return linkFromSystem("git", "git");
}

/** Links a program of the operating system, installing its Debian package first when that is possible. */
function linkFromSystem(program, debianPackage) {
  let found = findOnPath(program);
  if (found === undefined && !checkOnly && installDebianPackage(debianPackage)) found = findOnPath(program);
  if (found === undefined) {
    throw new Error(`${program}: not found on PATH; install the package \`${debianPackage}\` of your operating system`);
  }
  const link = join(binDirectory, program);
  if (!isExecutable(link) && !checkOnly) {
    rmSync(link, { force: true });
    symlinkSync(found, link);
  }
  return `found    ${program}: ${found}`;
}

function installGopass() {
  const target = join(binDirectory, "gopass");
  if (versionOf(target) === gopassVersion) return `found    gopass ${gopassVersion}: ${target}`;
  if (checkOnly) throw new Error(`gopass ${gopassVersion}: run \`node scripts/install-tools.mjs\``);
  requireGo();
  buildGopass(target);
  const built = versionOf(target);
  if (built !== gopassVersion) throw new Error(`gopass: the program built says ${built ?? "nothing"}`);
  return `built    gopass ${gopassVersion}: ${target}`;
}

/**
 * Builds in the module's own directory rather than by `go install MODULE@VERSION`: that form also asks the module proxy
 * for the list of all versions, which a mirror may refuse although it serves the version itself.
 */
function buildGopass(target) {
  const empty = mkdtempSync(join(tmpdir(), "mxm-tools-"));
  try {
    console.error(`building gopass ${gopassVersion}: one to three minutes`);
    const downloaded = JSON.parse(run("go", ["mod", "download", "-json", gopassModule], empty));
    // The module cache is read-only and is no checkout: no changes to go.mod, no version stamp from git.
    const flags = ["build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-o", target, "."];
    run("go", flags, downloaded.Dir, { GOFLAGS: "", GOBIN: "" });
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

/** Without a Python that can make a virtual environment there is nothing to install into, and nothing to compare with. */
function installPythonPackages() {
  const wanted = Object.entries(pythonPackages).map(([name, version]) => `${name}==${version}`);
  const directory = join(toolsDirectory, "python");
  const python = join(directory, "bin", "python");
  const isInstalled = () => wanted.every((each) => installedIn(python).has(each.toLowerCase()));
  if (isInstalled()) return `found    ${wanted.join(", ")}: ${directory}`;
  if (!canMakeEnvironment() && (checkOnly || !installDebianPackage("python3-venv") || !canMakeEnvironment())) {
    return `skipped  ${wanted.join(", ")}: there is no \`python3\` with venv and pip on PATH`;
  }
  if (checkOnly) throw new Error(`${wanted.join(", ")}: run \`node scripts/install-tools.mjs\``);
  run("python3", ["-m", "venv", "--clear", directory], toolsDirectory);
  // A package without a build for this machine would need a compiler.
  const flags = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
  run(python, ["-m", "pip", "install", ...flags, ...wanted], toolsDirectory);
  if (!isInstalled()) throw new Error(`${wanted.join(", ")}: not there after they were installed`);
  return `made     ${wanted.join(", ")}: ${directory}`;
}

function canMakeEnvironment() {
  return spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;
}

/** `name==version` of every package of a virtual environment, in lower case; none when there is no such environment. */
function installedIn(python) {
  const listed = spawnSync(python, ["-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"], {
    encoding: "utf8",
  });
  return new Set((listed.stdout ?? "").toLowerCase().split("\n"));
}

function requireGo() {
  if (findOnPath("go") === undefined) installDebianPackage("golang-go");
  const found = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const needed = `Go ${oldestGo.join(".")} or newer`;
  if (found.error !== undefined) {
    throw new Error(
      `gopass: building it takes ${needed}, and \`go\` is not on PATH; install it from go.dev/doc/install`,
    );
  }
  const [major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(found.stdout)?.slice(1).map(Number) ?? [];
  const newEnough = major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1]);
  // From 1.21 on, an older `go` fetches the toolchain a module asks for by itself.
  if (newEnough || (major === 1 && minor >= 21)) return;
  throw new Error(
    `gopass: building it takes ${needed}, and \`go\` here is ${found.stdout.trim()} (the package of an older Debian is too old); install it from go.dev/doc/install`,
  );
}

function installDebianPackage(name) {
  if (process.getuid?.() !== 0 || findOnPath("apt-get") === undefined) return false;
  console.error(`installing the package ${name}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...options) => spawnSync("apt-get", options, { env: environment, stdio: ["ignore", 2, 2] }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", name);
  return install() || (apt("update") && install());
}

function run(program, argv, directory, extra = {}) {
  const done = spawnSync(program, argv, {
    cwd: directory,
    env: { ...process.env, ...extra },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (done.error !== undefined) throw new Error(`${program}: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`\`${program} ${argv.join(" ")}\` ended with exit code ${done.status}`);
  return done.stdout;
}

/** The version a gopass says it is, or `undefined` when there is none or it is another program. */
function versionOf(program) {
  if (!isExecutable(program)) return undefined;
  const said = spawnSync(program, ["--version"], { encoding: "utf8" });
  return /^gopass (\d+\.\d+\.\d+)/.exec(said.stdout ?? "")?.[1];
}

function findOnPath(program) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && resolve(directory) !== binDirectory)
    .map((directory) => join(directory, program))
    .find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
