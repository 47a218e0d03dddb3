import type { CommandDeclaration } from "../command.js";
import { identityOptions, selectionOptions } from "../options.js";

/** Commands that bring secrets to programs, files and people. */
export const deliveryCommands: readonly CommandDeclaration[] = [
  {
    name: "run",
    summary: "run a program with named secrets in its environment",
    usage: "(--only NAME,… | --for USER | --all) -- COMMAND [ARGUMENT…]",
    options: {
      ...identityOptions,
      ...selectionOptions,
    },
    positionals: { minimum: 0, maximum: 0, rest: true },
    surplus: "the command and its arguments come after `--`",
    load: () => import("../commands/run.js"),
  },
];
