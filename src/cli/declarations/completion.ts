import type { CommandDeclaration } from "../command.js";
import { configurationOptions } from "../options.js";

/** What shells ask while somebody types. */
export const completionCommand: CommandDeclaration = {
  name: "completion",
  summary: "print the completion script for a shell",
  usage: "bash | zsh | fish",
  options: {
    ...configurationOptions,
    names: { type: "boolean", description: "print the names a shell completes, from the configuration alone" },
  },
  positionals: { minimum: 0, maximum: 1 },
  completes: ["bash", "zsh", "fish"],
  load: () => import("../commands/completion.js"),
};
