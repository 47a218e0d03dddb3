import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { InvalidInputError, quote } from "../errors.js";
import { ownPlaintextFiles, ownStoreFiles } from "./own-files.js";
import type { Configuration } from "./session.js";
import { templateName } from "./template.js";

/** Refuses to write an output over a file the project lives on. @throws InvalidInputError */
export function refuseOwnFile(configuration: Configuration, file: string): void {
  if (!isOwnFile(configuration, file)) return;
  throw new InvalidInputError(`${quote(file)} is a file of this project, and no output is written over it`, {
    hint: "choose another file",
  });
}

/** Whether the project lives on a file: its configuration, template and log, its stores, what is in them, and their keys. */
export function isOwnFile(configuration: Configuration, file: string): boolean {
  const { baseDirectory, sources, config } = configuration;
  const named = [templateName, ...(config.audit === undefined ? [] : [config.audit.path])];
  const own = [
    ...sources,
    ...ownStoreFiles(configuration),
    ...ownPlaintextFiles(configuration),
    ...named.map((name) => resolve(baseDirectory, name)),
  ].map(inRealDirectory);
  const wanted = inRealDirectory(resolve(file));
  const trees = [...config.stores.values()].flatMap(({ backend, options }) =>
    backend === "age" && typeof options["root"] === "string" ? [resolve(baseDirectory, options["root"], "entry")] : [],
  );
  return own.includes(wanted) || trees.some((entry) => wanted.startsWith(dirname(inRealDirectory(entry)) + sep));
}

/** What is not there yet is nobody's. */
function inRealDirectory(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    return file;
  }
}
