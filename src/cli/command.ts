import type { Arguments } from "./arguments.js";

/** One option of a command, as `--help`, the parser and the completions know it. */
export interface OptionDeclaration {
  readonly type: "string" | "boolean";
  readonly description: string;
  readonly short?: string;
  /** What stands for the value in help: `NAME`, `FILE`. */
  readonly value?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
}

export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** One command: declared apart from what it does, so that help and completion load no handler. */
export interface CommandDeclaration {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: `NAME [--default V]`. */
  readonly usage: string;
  readonly options: OptionDeclarations;
  /** How many positional arguments; `rest` when everything after `--` belongs to somebody else. */
  readonly positionals: { readonly minimum: number; readonly maximum: number; readonly rest?: boolean };
  /** Said instead of the argument itself when there is one too many, where that argument may be a secret's value. */
  readonly surplus?: string;
  /** What a positional argument is, for completion. */
  readonly completes?: "secret" | "file" | readonly string[];
  /** Loads the handler. */
  readonly load: () => Promise<{ readonly run: CommandHandler }>;
}

/** @returns the exit code */
export type CommandHandler = (invocation: Arguments) => Promise<number>;
