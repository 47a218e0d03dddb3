import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { allCommands } from "../commands.js";
import { readConfiguration } from "../configuration.js";
import { writeLines, writeOutput } from "../terminal.js";

/** `completion SHELL`: a script for the shell. `--names` prints what it completes; neither contacts a store. */
export async function run(args: Arguments): Promise<number> {
  if (args.flag("names")) {
    const configuration = await readConfiguration(args);
    writeLines([...(configuration?.config.refs.keys() ?? [])].toSorted());
    return 0;
  }
  const [shell = ""] = args.positionals;
  const { completionScripts } = await import("../completion-scripts.js");
  const script = completionScripts.get(shell);
  if (script === undefined) throw misuse(args.command, "expected bash, zsh or fish");
  writeOutput(script(await allCommands()));
  return 0;
}
