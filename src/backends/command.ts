import type { CommandStore } from "../command/run.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { lineEndPolicies, withoutLineEnd } from "../domain/line-end.js";
import { AbsentError, quote, UnsupportedError } from "../errors.js";
import { maximumValueBytes, parseCommandOptions } from "./command-options.js";
import type { CommandOptions } from "./command-options.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, PathGrammar } from "./contract.js";

/** Most programs wait for one server: a few at once do not press it. */
const concurrency = 4;

/** At the beginning of an argument, `-` would make it an option. */
const argumentPaths: PathGrammar = {
  description: "any relative path that does not begin with `-`",
  fault: (path) => (path.startsWith("-") ? "expected no `-` at the beginning" : undefined),
};

/** Any program: the path goes to it by an argument or on its standard input, and what it prints is the value. */
export const commandBackend = defineBackend({
  kind: "command",
  description: "any program that prints a secret: `op`, `bw`, `aws`, or your own",
  options: {
    read: {
      type: "argv",
      required: true,
      description: "the program that prints a value, and its arguments; `{path}` stands for the path of the secret",
      needsTrust: "runs a program",
    },
    write: {
      type: "argv",
      description: "the program that stores a value; without it the store is read-only",
      needsTrust: "runs a program",
    },
    delete: { type: "argv", description: "the program that removes a value", needsTrust: "runs a program" },
    input: {
      type: "string",
      words: ["request", "value"],
      description: "on standard input: `request` (default), a line of JSON; `value`, only the value to write",
    },
    newline: {
      type: "string",
      words: lineEndPolicies,
      description:
        "a newline at the end of what is printed: `auto` (default) drops it after a single line of text, `strip_one` always, `keep` never",
    },
    exit_codes: {
      type: "exit_codes",
      description:
        "what exit codes mean: `{ absent: 10, locked: [11, 12] }`, and also `denied`, `not_initialised`, `corrupt`; any other but 0 is a failure",
    },
    environment: {
      type: "strings",
      description: "names of variables the programs get besides PATH, HOME and the like",
    },
    timeout: { type: "number", description: "seconds a program may take, 30 by default" },
  },
  paths: argumentPaths,
  maximumValueBytes,
  can: { write: true, delete: true, list: false },
  enforcement: "advisory",
  open: (store, context) => openCommand(parseCommandOptions(store.name, store.options, context)),
});

function openCommand({ store, lineEnd }: CommandOptions): Backend {
  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const paths = grants.map((grant) => grantedAccess(grant, "read").path);
    const { runCommand } = await import("../command/run.js");
    const { mapWithLimit } = await import("../process/limit.js");
    const values = await mapWithLimit([...new Set(paths)], concurrency, async (path) => {
      const printed = await runCommand(store, { action: "read", path, signal: call.signal });
      return [path, printed === undefined ? undefined : withoutLineEnd(printed, lineEnd)] as const;
    });
    const byPath = new Map(values);
    return paths.map((path) => byPath.get(path));
  };
  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const { path } = grantedAccess(grant, "write");
      requireProgram(store, "write");
      const { runCommand } = await import("../command/run.js");
      const ended = await runCommand(store, { action: "write", path, value, signal: call.signal });
      if (ended !== undefined) return;
      throw new AbsentError(
        `the program of store ${quote(store.name)} can write ${quote(path)} only when it is there`,
        {
          hint: "make it with the store's own tools first",
        },
      );
    },
    delete: async (grant, call) => {
      const { path } = grantedAccess(grant, "write");
      requireProgram(store, "delete");
      const { runCommand } = await import("../command/run.js");
      return (await runCommand(store, { action: "delete", path, signal: call.signal })) !== undefined;
    },
    check: async (paths) => {
      const { checkCommand } = await import("./command-check.js");
      return checkCommand(store, paths);
    },
  };
}

function requireProgram(store: CommandStore, action: "write" | "delete"): void {
  if (store.argv[action] !== undefined) return;
  throw new UnsupportedError(`the store ${quote(store.name)} has no program to ${action} a value`, {
    hint: `set stores.${store.name}.${action}, or use the store's own tools`,
  });
}
