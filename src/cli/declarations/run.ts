import type { CommandDeclaration } from "../command.js";
import { identityOptions, selectionOptions } from "../options.js";

const run: CommandDeclaration = {
  name: "run",
  summary: "run a program with named secrets in its environment or in files",
  usage: "(--only NAME,… | --for USER | --all | --as-file NAME) -- COMMAND [ARGUMENT…]",
  options: {
    ...identityOptions,
    ...selectionOptions,
    "as-file": {
      type: "string",
      value: "NAME[=VARIABLE]",
      multiple: true,
      description:
        "this secret as a file in memory, gone when the command ends; VARIABLE (else NAME_FILE) has its path",
    },
    "env-prefix": { type: "string", value: "PREFIX", description: "stands before the name of each variable" },
    pristine: { type: "boolean", description: "of our environment, pass on PATH, HOME, TERM and LANG only" },
    "no-masking": { type: "boolean", description: "leave the values readable in what the command prints" },
  },
  positionals: { minimum: 0, maximum: 0, rest: true },
  surplus: "the command and its arguments come after `--`",
  load: () => import("../commands/run.js"),
};

/** `run`, which is called often enough to be declared by itself, and its other name. */
export const runCommands: readonly CommandDeclaration[] = [run, { ...run, name: "exec", summary: "the same as run" }];
