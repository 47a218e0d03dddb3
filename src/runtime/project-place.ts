import { formatPath } from "../domain/problem.js";
import type { DataPath } from "../templates/template.js";

/** One place of a project where a secret is used. */
export interface ProjectUse {
  /** The secret, in its canonical form. */
  readonly name: string;
  /** Relative to the configuration, `/`-separated. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Keys and indices, in a file that is data. */
  readonly path?: DataPath;
}

/** Where a secret is used, for a person: `llm.api_keys.openai in formation.afs:4`, `sops/deploy.md:12`. */
export function describePlace({ file, line, path = [] }: ProjectUse): string {
  return path.length === 0 ? `${file}:${line}` : `${formatPath(path)} in ${file}:${line}`;
}
