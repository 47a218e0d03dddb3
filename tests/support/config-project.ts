import * as fs from "node:fs";
import * as path from "node:path";
import { formatProblem } from "../../src/domain/problem.js";
import { ConfigurationError } from "../../src/errors.js";
import { loadConfig } from "../../src/runtime/load-config.js";
import { kinds } from "./kinds.js";
import { rejection } from "./scratch.js";

/** The text of a small sound configuration. */
export const core = `# the team's secrets
stores:
  red: { backend: plain, root: mxm/red }
refs:
  api_key:
    store: red
    path: marketdata/api_key
    policy: readers
policies:
  readers: { allowed_principals: [marketdata] }
`;

/** A directory with these files, loaded with a cache of its own. */
export function configProject(directory: string, files: Record<string, string>, checkedBy?: string) {
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
  const cache = path.join(directory, "cache");
  const load = (environment: Record<string, string> = {}, profile?: string) =>
    loadConfig(
      { file: path.join(directory, "mxm-secrets.yaml"), source: "found" },
      {
        environment: { MXM_SECRETS_CACHE: cache, ...environment },
        kinds,
        checkedBy,
        profile,
        workingDirectory: directory,
      },
    );
  const problems = async (environment: Record<string, string> = {}, profile?: string): Promise<string[]> => {
    const error = await rejection(load(environment, profile));
    return error instanceof ConfigurationError ? error.problems.map(formatProblem) : [String(error)];
  };
  return { directory, cache, load, problems };
}

/** A configuration whose strings may be anything, for variables. */
export const withRoot = (root: string): string => core.replace("mxm/red", () => JSON.stringify(root));
