import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { commands } from "../commands.js";
import { completionScripts } from "../completion-scripts.js";
import { openConfiguration } from "../session.js";
import { writeOutput } from "../terminal.js";

/** `completion SHELL`: a script for the shell. `--names` prints what it completes; neither contacts a store. */
export async function run(args: Arguments): Promise<number> {
  if (args.flag("names")) {
    const configuration = await openConfiguration(args);
    const names = [...(configuration?.config.refs.keys() ?? [])].toSorted();
    writeOutput(names.map((name) => `${name}\n`).join(""));
    return 0;
  }
  const [shell = ""] = args.positionals;
  const script = completionScripts.get(shell);
  if (script === undefined) throw misuse(args.command, "expected bash, zsh or fish");
  writeOutput(script(commands));
  return 0;
}
