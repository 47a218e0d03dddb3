import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { InvalidInputError, quote } from "../errors.js";
import { nearest } from "../domain/names.js";
import type { CommandDeclaration } from "./command.js";

/** What the user typed after the command's name, checked against its declaration. */
export interface Arguments {
  readonly command: CommandDeclaration;
  readonly positionals: readonly string[];
  /** What followed `--`, for commands that take it. */
  readonly rest: readonly string[];
  /** The value of a string option, or `undefined` when it was not given. */
  readonly option: (name: string) => string | undefined;
  /** Every value of an option that may be repeated. */
  readonly optionList: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

type ParserOptions = NonNullable<ParseArgsConfig["options"]>;

interface ParsedArguments {
  readonly values: Readonly<Partial<Record<string, string | boolean | (string | boolean)[]>>>;
  readonly positionals: readonly string[];
}

/** @throws InvalidInputError for an unknown option, a missing value, too few or too many arguments */
export function parseArguments(command: CommandDeclaration, argv: readonly string[]): Arguments {
  const separator = command.positionals.rest === true ? argv.indexOf("--") : -1;
  const own = separator === -1 ? argv : argv.slice(0, separator);
  const rest = separator === -1 ? [] : argv.slice(separator + 1);
  const { values, positionals } = parse(command, own);
  const { minimum, maximum } = command.positionals;
  if (positionals.length < minimum) throw misuse(command, "too few arguments");
  if (positionals.length > maximum) throw misuse(command, command.surplus ?? "too many arguments");
  return {
    command,
    positionals,
    rest,
    option: (name) => [values[name]].flat().find((value) => typeof value === "string"),
    optionList: (name) => [values[name]].flat().filter((value) => typeof value === "string"),
    flag: (name) => values[name] === true,
  };
}

/** A wrong call of a command, with its usage as the hint. */
export function misuse(command: CommandDeclaration, message: string): InvalidInputError {
  return new InvalidInputError(`${command.name}: ${message}`, {
    hint: `usage: mxm-secrets ${command.name} ${command.usage}`,
  });
}

function parse(command: CommandDeclaration, argv: readonly string[]): ParsedArguments {
  for (const argument of argv) {
    if (argument === "--") break;
    requireKnown(command, argument);
  }
  const plain = parsePlain(command, argv);
  if (plain !== undefined) return plain;
  try {
    const options = parserOptions(command, argv);
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw misuse(command, unknownShortOption(command, argv));
    throw misuse(command, optionWithoutValue(command, argv));
  }
}

/**
 * What the commonest calls look like: long options, each with its value where it takes one. Loading the parser takes a
 * quick command longer than its own work.
 *
 * @returns `undefined` when anything else is there, which is for the parser to read or to refuse
 */
function parsePlain({ options }: CommandDeclaration, argv: readonly string[]): ParsedArguments | undefined {
  const values: Partial<Record<string, string | boolean | string[]>> = Object.create(null);
  const positionals: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (!argument.startsWith("-")) {
      positionals.push(argument);
      continue;
    }
    const name = longOption(argument) ?? "";
    if (!Object.hasOwn(options, name)) return undefined;
    const { type, multiple = false } = options[name] ?? {};
    const isAssigned = argument.length > name.length + 2;
    if (type === "boolean") {
      if (isAssigned) return undefined;
      values[name] = true;
      continue;
    }
    const value = isAssigned ? argument.slice(name.length + 3) : argv[++index];
    if (value === undefined || (!isAssigned && value.startsWith("-"))) return undefined;
    const before = values[name];
    values[name] = !multiple ? value : Array.isArray(before) ? [...before, value] : [value];
  }
  return { values, positionals };
}

/** The name in `--name` or `--name=value`. @returns `undefined` for anything else */
function longOption(argument: string): string | undefined {
  if (!argument.startsWith("--") || argument.length === 2) return undefined;
  const end = argument.indexOf("=", 2);
  const name = argument.slice(2, end === -1 ? undefined : end);
  return name === "" ? undefined : name;
}

/** The options that may be meant, as the parser takes them: it looks at all it is given, however few were typed. */
function parserOptions({ options }: CommandDeclaration, argv: readonly string[]): ParserOptions {
  const parsed: ParserOptions = {};
  for (const name in options) {
    const { type, short, multiple = false } = options[name] ?? {};
    if (type === undefined) continue;
    const isTyped = argv.some((argument) => argument.startsWith(`--${name}`));
    if (short !== undefined) parsed[name] = { type, short, multiple };
    else if (isTyped) parsed[name] = { type, multiple };
  }
  return parsed;
}

function requireKnown(command: CommandDeclaration, argument: string): void {
  const long = longOption(argument);
  if (long === undefined || Object.hasOwn(command.options, long)) return;
  const suggestion = nearest(long, Object.keys(command.options));
  if (command.surplus !== undefined && suggestion === undefined) throw misuse(command, "unknown option");
  const meant = suggestion === undefined ? "" : `, did you mean ${quote(`--${suggestion}`)}?`;
  throw misuse(command, `unknown option ${quote(`--${long}`)}${meant}`);
}

/** Names the letter alone: what follows it may be a value. */
function unknownShortOption(command: CommandDeclaration, argv: readonly string[]): string {
  const known = Object.values(command.options).flatMap(({ short }) => short ?? []);
  const letters = argv.flatMap((argument) => /^-([^-])/u.exec(argument)?.[1] ?? []);
  const letter = letters.find((each) => !known.includes(each));
  return letter === undefined ? "unknown option" : `unknown option ${quote(`-${letter}`)}`;
}

function optionWithoutValue(command: CommandDeclaration, argv: readonly string[]): string {
  for (const [name, { type }] of Object.entries(command.options)) {
    const given = argv.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
    if (!given) continue;
    if (type === "boolean" && argv.some((argument) => argument.startsWith(`--${name}=`))) {
      return `${quote(`--${name}`)} takes no value`;
    }
    const position = argv.indexOf(`--${name}`);
    const next = argv[position + 1];
    if (type === "string" && position !== -1 && (next === undefined || next.startsWith("-"))) {
      return `${quote(`--${name}`)} needs a value (write ${quote(`--${name}=VALUE`)} for one that starts with a dash)`;
    }
  }
  return "cannot read these arguments";
}
