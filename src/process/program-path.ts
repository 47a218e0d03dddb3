import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the system looks for programs without a PATH. */
const usualDirectories = ["/usr/bin", "/bin"];

/**
 * An environment whose PATH has only absolute directories. An empty or relative one is wherever the process happens to
 * be, so that a program of that name in a clone would be run in the place of the real one, by us or by what we run.
 */
export function withAbsolutePath<V extends string | undefined>(
  environment: Readonly<Record<string, V>>,
): Readonly<Record<string, V | string>> {
  const path = environment["PATH"];
  // Windows spells its variables in any case, and looks in the working directory whatever PATH says.
  if (path === undefined || process.platform === "win32") return environment;
  const directories = path.split(delimiter);
  if (directories.every((directory) => isAbsolute(directory))) return environment;
  return { ...environment, PATH: searchedDirectories(environment).join(delimiter) };
}

/**
 * The file that is run for the name of a program.
 *
 * @param name - without a `/`
 * @returns its absolute path, or `undefined` when there is none in an absolute directory of PATH
 */
export function findProgram(name: string, environment: Environment): string | undefined {
  return searchedDirectories(environment)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function searchedDirectories({ PATH: path }: Environment): readonly string[] {
  const directories = (path ?? "").split(delimiter).filter((directory) => isAbsolute(directory));
  return directories.length === 0 ? usualDirectories : directories;
}

/** Whether this user may run a file. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
