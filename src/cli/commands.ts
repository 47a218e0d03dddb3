import type { CommandDeclaration } from "./command.js";
import { completionCommand } from "./declarations/completion.js";
import { secretCommands } from "./declarations/secrets.js";

type Commands = readonly CommandDeclaration[];

/** Those that are called in loops, prompts and hooks: for them no other declaration is loaded. */
const quickCommands: Commands = [...secretCommands, completionCommand];

const running = async (): Promise<Commands> => (await import("./declarations/run.js")).runCommands;
const delivery = async (): Promise<Commands> => (await import("./declarations/delivery.js")).deliveryCommands;
const project = async (): Promise<Commands> => (await import("./declarations/project.js")).projectCommands;
const administration = async (): Promise<Commands> =>
  (await import("./declarations/administration.js")).administrationCommands;

/** Every command, in the order help lists them. */
export async function allCommands(): Promise<Commands> {
  return [
    ...secretCommands,
    ...(await delivery()),
    ...(await project()),
    ...(await administration()),
    completionCommand,
  ];
}

/** One command. @returns `undefined` when there is none of this name */
export async function findCommand(name: string): Promise<CommandDeclaration | undefined> {
  const named = (commands: Commands): CommandDeclaration | undefined =>
    commands.find((command) => command.name === name);
  return named(quickCommands) ?? named(await running()) ?? named(await allCommands());
}
