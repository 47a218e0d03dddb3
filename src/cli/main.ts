import { InvalidInputError, quote } from "../errors.js";
import { nearest } from "../domain/names.js";
import { parseArguments } from "./arguments.js";
import type { CommandDeclaration } from "./command.js";
import { allCommands, findCommand } from "./commands.js";
import { commandHelp, overview } from "./help.js";
import { report, say, writeOutput } from "./terminal.js";

/**
 * Runs one command.
 *
 * @param argv - what the user typed after the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const json = ownPart(rest).includes("--json");
  // Node would print the text of what is thrown outside of our calls, and it might hold a value.
  process.once("uncaughtException", (thrown) => process.exit(report(thrown, json)));
  try {
    if (name === undefined) {
      overview(await allCommands())
        .trimEnd()
        .split("\n")
        .forEach(say);
      return 2;
    }
    if (name === "help" || name === "--help" || name === "-h") {
      writeOutput(await helpFor(rest[0]));
      return 0;
    }
    const command = await requireCommand(name);
    if (asksForHelp(rest)) {
      writeOutput(commandHelp(command));
      return 0;
    }
    const { run } = await command.load();
    return await run(parseArguments(command, rest));
  } catch (thrown) {
    return report(thrown, json);
  }
}

async function helpFor(name: string | undefined): Promise<string> {
  if (name === "stores") return (await import("./help-stores.js")).storesHelp();
  return name === undefined ? overview(await allCommands()) : commandHelp(await requireCommand(name));
}

/** What is not somebody else's, after `--`. */
function ownPart(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end === -1 ? argv : argv.slice(0, end);
}

function asksForHelp(argv: readonly string[]): boolean {
  const own = ownPart(argv);
  return own.includes("--help") || own.includes("-h");
}

async function requireCommand(name: string): Promise<CommandDeclaration> {
  const command = await findCommand(name);
  if (command !== undefined) return command;
  const suggestion = nearest(
    name,
    (await allCommands()).map((candidate) => candidate.name),
  );
  const hint =
    suggestion === undefined ? "`mxm-secrets help` lists the commands" : `did you mean ${quote(suggestion)}?`;
  // What follows `NAME=` may be a value, when `set` was forgotten.
  const shown = name.replace(/=.*/s, "=…");
  throw new InvalidInputError(`there is no command ${quote(shown)}`, { hint });
}
