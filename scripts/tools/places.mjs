import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What is installed here is ignored by git, and nothing of it is on PATH. */
export const toolsDirectory = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), ".tools");
export const binDirectory = join(toolsDirectory, "bin");

/** The files on PATH of this name, in its order; those installed here are not among them. */
export function findOnPath(program) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && resolve(directory) !== binDirectory)
    .map((directory) => join(directory, program))
    .filter(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks a file whether it is the program of this row.
 *
 * @returns the version it says, `""` when it says none, `undefined` when it is not there or another program
 */
export function versionOf(file, { argv, answer }) {
  if (!isExecutable(file)) return undefined;
  const { stdout, stderr } = spawnSync(file, argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const said = answer.exec(stdout ?? "") ?? answer.exec(stderr ?? "");
  return said === null ? undefined : (said[1] ?? "");
}

/** The first file on PATH that is the program of this row. */
export function findSystemProgram(row) {
  return findOnPath(row.program ?? row.name).find((file) => versionOf(file, row) !== undefined);
}

/** Runs a program that must succeed. @returns its standard output */
export function run(program, argv, directory, extra = {}) {
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
