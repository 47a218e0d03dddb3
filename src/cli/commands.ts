import type { CommandDeclaration } from "./command.js";
import { administrationCommands } from "./declarations/administration.js";
import { deliveryCommands } from "./declarations/delivery.js";
import { projectCommands } from "./declarations/project.js";
import { secretCommands } from "./declarations/secrets.js";

/** Every command, in the order help lists them. */
export const commands: readonly CommandDeclaration[] = [
  ...secretCommands,
  ...deliveryCommands,
  ...projectCommands,
  ...administrationCommands,
];
