import { quote } from "../errors.js";
import type { Problem } from "../errors.js";
import { defaultService, keyringOf, keyrings, serviceFault } from "./keychain-entry.js";
import type { KeychainEntry } from "./keychain-entry.js";
import { hasControlCharacter, nearest, pathFault } from "./names.js";
import type { OptionTable } from "./store.js";

/** Where a secret text comes from that is not in a file of its own. */
export type TextSource =
  | { readonly kind: "env"; readonly variable: string }
  | { readonly kind: "fd"; readonly descriptor: number }
  | { readonly kind: "command"; readonly argv: readonly [string, ...string[]] }
  | ({ readonly kind: "keychain" } & KeychainEntry);

/** Where the private key of a store comes from. */
export type KeySource =
  | TextSource
  | { readonly kind: "file"; readonly file: string; readonly passphrase: TextSource | undefined };

/** The forms of the `key` option, for messages. */
const keyExpectation =
  "expected a file, or one of `{ file }`, `{ file, passphrase }`, `{ env }`, `{ fd }`, `{ command }`, `{ keychain }`";

type Rows<S> = Readonly<Record<string, (value: unknown, problems: Problem[]) => S | undefined>>;

const textSources: Rows<TextSource> = {
  env: (value, problems) => {
    if (typeof value === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return { kind: "env", variable: value };
    return fault(problems, ["env"], "expected the name of an environment variable");
  },
  fd: (value, problems) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= 3 && value <= 1023) {
      return { kind: "fd", descriptor: value };
    }
    return fault(problems, ["fd"], "expected the number of an open file descriptor from 3");
  },
  command: (value, problems) => {
    const argv: readonly unknown[] = Array.isArray(value) ? value : [];
    const [program, ...rest] = argv.filter((word) => typeof word === "string" && !word.includes("\0"));
    if (typeof program === "string" && program !== "" && rest.length === argv.length - 1) {
      return { kind: "command", argv: [program, ...rest.map(String)] };
    }
    return fault(problems, ["command"], "expected a list of strings: a program and its arguments, without a shell");
  },
  keychain: (value, problems) => {
    if (!isRecord(value)) return fault(problems, ["keychain"], "expected `{ account }`, with `service` and `keyring`");
    const { account, service = defaultService, keyring: word = "os", ...others } = value;
    for (const key of Object.keys(others)) unknownKey(problems, key, ["account", "service", "keyring"], ["keychain"]);
    const keyring = keyringOf(word);
    if (keyring === undefined) {
      return fault(problems, ["keychain", "keyring"], `expected ${keyrings.map(quote).join(" or ")}`);
    }
    const serviceProblem = serviceFault(keyring, service);
    if (typeof service !== "string" || serviceProblem !== undefined) {
      return fault(problems, ["keychain", "service"], serviceProblem ?? "expected a text");
    }
    // As the paths of a keychain store, so that what a store wrote can be a key.
    const accountProblem = typeof account === "string" ? pathFault(account) : "expected the account of an entry";
    if (typeof account !== "string" || accountProblem !== undefined) {
      return fault(problems, ["keychain", "account"], accountProblem ?? "expected the account of an entry");
    }
    return { kind: "keychain", keyring, service, account };
  },
};

/**
 * Reads the `key` option of a store as it stands in the configuration.
 *
 * @returns the source, or every problem found, with paths inside the option
 */
export function parseKeySource(
  value: unknown,
): { readonly source: KeySource } | { readonly problems: readonly [Problem, ...Problem[]] } {
  const problems: Problem[] = [];
  const source = typeof value === "string" ? fileSource(value, undefined, problems) : parseRecord(value, problems);
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  return source === undefined ? { problems: [{ path: [], message: keyExpectation }] } : { source };
}

/** Whether a key source, of a form {@link parseKeySource} accepts, runs a program; which one. */
export function programOfKey(source: unknown): readonly string[] | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if ("command" in source) return Array.isArray(source.command) ? source.command.map(String) : undefined;
  return "passphrase" in source ? programOfKey(source.passphrase) : undefined;
}

/** Every variable a key source, of a form {@link parseKeySource} accepts, is read from. */
export function variablesOfKey(source: unknown): readonly string[] {
  if (!isRecord(source)) return [];
  const own = typeof source["env"] === "string" ? [source["env"]] : [];
  return "passphrase" in source ? [...own, ...variablesOfKey(source["passphrase"])] : own;
}

/** Every variable that the keys of one store are read from: those its options name, else the usual ones of its kind. */
export function keyVariablesOf(table: OptionTable, options: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(table).flatMap(([name, { type, usualVariables = [] }]) => {
    if (type !== "key") return [];
    return options[name] === undefined ? usualVariables : variablesOfKey(options[name]);
  });
}

/** Whether a variable is this program's own by its name, as a system that takes upper for lower case may see it. */
export function isOwnName(name: string): boolean {
  return name.slice(0, 4).toUpperCase() === "MXM_";
}

/** The file a key source, of a form {@link parseKeySource} accepts, is in. */
export function fileOfKey(source: unknown): string | undefined {
  if (typeof source === "string") return source;
  return isRecord(source) && typeof source["file"] === "string" ? source["file"] : undefined;
}

function parseRecord(value: unknown, problems: Problem[]): KeySource | undefined {
  if (!isRecord(value) || !("file" in value)) return parseText(value, problems, keyExpectation);
  const { file, passphrase, ...others } = value;
  for (const key of Object.keys(others)) unknownKey(problems, key, ["file", "passphrase"]);
  const inner: Problem[] = [];
  const expectation =
    "expected one of `{ env }`, `{ fd }`, `{ command }`, `{ keychain }`; a passphrase does not stand in a file";
  const from = passphrase === undefined ? undefined : parseText(passphrase, inner, expectation);
  for (const problem of inner) problems.push({ ...problem, path: ["passphrase", ...problem.path] });
  return fileSource(file, from, problems);
}

function parseText(value: unknown, problems: Problem[], expectation: string): TextSource | undefined {
  const keys = isRecord(value) ? Object.keys(value) : [];
  const known = keys.filter((key) => Object.hasOwn(textSources, key));
  const [kind] = known;
  if (!isRecord(value) || kind === undefined || known.length > 1) return fault(problems, [], expectation);
  for (const key of keys) if (key !== kind) unknownKey(problems, key, Object.keys(textSources));
  return textSources[kind]?.(value[kind], problems);
}

function fileSource(file: unknown, passphrase: TextSource | undefined, problems: Problem[]): KeySource | undefined {
  if (typeof file !== "string" || file === "" || hasControlCharacter(file)) {
    const expectation = "expected the path of a file, without control characters";
    return fault(problems, typeof file === "string" ? [] : ["file"], expectation);
  }
  return { kind: "file", file, passphrase };
}

function unknownKey(problems: Problem[], key: string, known: readonly string[], at: Problem["path"] = []): void {
  const suggestion = nearest(key, known);
  problems.push({
    path: [...at, key],
    message: `unknown key ${quote(key)}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function fault(problems: Problem[], path: Problem["path"], message: string): undefined {
  problems.push({ path, message });
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
