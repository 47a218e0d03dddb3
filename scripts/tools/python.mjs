import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { run, toolsDirectory } from "./places.mjs";

const directory = join(toolsDirectory, "python");
const python = join(directory, "bin", "python");

/** The packages of the operating system that making the environment lacks. */
export function packagesOfPython({ packages }) {
  return isInstalled(wantedOf(packages)) || canMakeEnvironment() ? [] : ["python3-venv"];
}

/** Puts the packages into a virtual environment. @throws Error when there is no Python that can make one */
export function installPythonPackages({ packages }, checkOnly) {
  const wanted = wantedOf(packages);
  const version = `with ${wanted.join(" and ")}`;
  if (isInstalled(wanted)) return { state: "found", version, place: directory };
  if (!canMakeEnvironment()) {
    throw new Error("there is no `python3` with venv and pip on PATH; install the package `python3-venv`");
  }
  if (checkOnly) throw new Error(`${wanted.join(", ")}: run \`node scripts/install-tools.mjs\``);
  run("python3", ["-m", "venv", "--clear", directory], toolsDirectory);
  // A package without a build for this machine would need a compiler.
  const flags = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
  run(python, ["-m", "pip", "install", ...flags, ...wanted], toolsDirectory);
  if (!isInstalled(wanted)) throw new Error(`${wanted.join(", ")}: not there after they were installed`);
  return { state: "made", version, place: directory };
}

function wantedOf(packages) {
  return Object.entries(packages).map(([name, version]) => `${name}==${version}`);
}

function canMakeEnvironment() {
  return spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;
}

/** Whether the virtual environment is there and has every package in its version. */
function isInstalled(wanted) {
  const program = "import importlib.metadata as m, sys; [print(f'{n}=={m.version(n)}') for n in sys.argv[1:]]";
  const names = wanted.map((each) => each.replace(/==.*/, ""));
  const asked = spawnSync(python, ["-c", program, ...names], { encoding: "utf8" });
  return asked.stdout?.trim().split(/\r?\n/).join() === wanted.join();
}
