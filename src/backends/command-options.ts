import { argvFault } from "../command/argv.js";
import { commandEnvironment } from "../command/environment.js";
import type { CommandStore } from "../command/run.js";
import { outcomesByCode, parseExitCodes } from "../domain/exit-codes.js";
import type { ProgramOutcome } from "../domain/exit-codes.js";
import { isOwnName } from "../domain/key-source.js";
import { lineEndExpectation, lineEndPolicy } from "../domain/line-end.js";
import type { LineEndPolicy } from "../domain/line-end.js";
import { quote } from "../errors.js";
import type { BackendContext } from "./contract.js";
import { optionFault } from "./options.js";

/** The longest value a program may print or be given. */
export const maximumValueBytes = 16 * 1024 * 1024;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const longestTimeoutSeconds = 3600;

/** One store as its options describe it. */
export interface CommandOptions {
  readonly store: CommandStore;
  readonly lineEnd: LineEndPolicy;
}

/**
 * Checks the options of a store of this kind.
 *
 * @throws ConfigurationError naming the option
 */
export function parseCommandOptions(
  name: string,
  options: Readonly<Record<string, unknown>>,
  { environment, isOwnVariable, baseDirectory }: BackendContext,
): CommandOptions {
  const {
    input = "request",
    newline = "auto",
    exit_codes: codes = {},
    environment: passed = [],
    timeout = 30,
  } = options;
  const fault = (option: string, message: string): never => {
    throw optionFault(name, option, message);
  };
  const programOf = (action: string): readonly [string, ...string[]] | undefined => {
    const argv = options[action];
    if (argv === undefined && action !== "read") return undefined;
    const [program, ...words] = Array.isArray(argv) ? argv.map(String) : [];
    if (program === undefined) return fault(action, "expected a program and its arguments");
    const found = argvFault([program, ...words]);
    return found === undefined ? [program, ...words] : fault(action, found);
  };
  const [read, write, remove] = ["read", "write", "delete"].map(programOf);
  if (input !== "request" && input !== "value") return fault("input", "expected `request` or `value`");
  const lineEnd = lineEndPolicy(newline);
  if (lineEnd === undefined) return fault("newline", lineEndExpectation);
  const names = Array.isArray(passed) ? passed.map(String) : fault("environment", "expected a list of variables");
  const isOwn = (variable: string): boolean => isOwnName(variable) || isOwnVariable?.(variable) === true;
  for (const variable of names) {
    if (!variableName.test(variable)) return fault("environment", "expected the names of variables");
    if (isOwn(variable)) {
      return fault("environment", `the variable ${quote(variable)} is this program's own, for keys and settings`);
    }
  }
  if (typeof timeout !== "number" || !(timeout > 0) || timeout > longestTimeoutSeconds) {
    return fault("timeout", `expected seconds, more than 0 and at most ${longestTimeoutSeconds}`);
  }
  return {
    lineEnd,
    store: {
      name,
      argv: {
        ...(read === undefined ? {} : { read }),
        ...(write === undefined ? {} : { write }),
        ...(remove === undefined ? {} : { delete: remove }),
      },
      input,
      outcomes: outcomesOf(codes, (message) => fault("exit_codes", message)),
      environment: commandEnvironment(environment, names, isOwn),
      directory: baseDirectory,
      timeoutMilliseconds: timeout * 1000,
      // With the line end that a program puts after the longest value.
      maximumOutputBytes: maximumValueBytes + 2,
    },
  };
}

function outcomesOf(option: unknown, fault: (message: string) => never): ReadonlyMap<number, ProgramOutcome> {
  if (!isRecord(option)) return fault("expected a mapping such as `{ absent: 10 }`");
  const parsed = parseExitCodes(option);
  if ("problems" in parsed) return fault(parsed.problems[0].message);
  return outcomesByCode(parsed.codes);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
