import { grantedAccess } from "../domain/grant.js";
import { environmentNameOfPath } from "../domain/names.js";
import { isOwnName } from "../domain/key-source.js";
import { AccessDeniedError, ConfigurationError, isSecretsError, quote, throwIfCancelled } from "../errors.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendContext, Finding, PathGrammar, Presence } from "./contract.js";
import { findingOf } from "./finding.js";
import { optionFault } from "./options.js";

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const variablePaths: PathGrammar = {
  description: "letters, digits, `_`, `-`, `.` and `/`, not starting with a digit",
  fault: (path) =>
    variableName.test(environmentNameOfPath(path))
      ? undefined
      : "expected only letters, digits, `_`, `-`, `.` and `/`, not starting with a digit, to make the name of a variable",
};

/**
 * Environment variables: `prod/smtp-password` is read from `PROD_SMTP_PASSWORD`, or from the file that
 * `PROD_SMTP_PASSWORD_FILE` names, as the official Docker images do it. An empty variable is an empty value.
 */
export const envBackend = defineBackend({
  kind: "env",
  description: "environment variables of this process",
  options: {
    prefix: { type: "string", description: "stands before the name of every variable, such as `MYAPP_`" },
    files: { type: "boolean", description: "`NAME_FILE` names a file that holds the value of `NAME`; default true" },
  },
  paths: variablePaths,
  // Linux: MAX_ARG_STRLEN, the longest `NAME=value` a process can be given.
  maximumValueBytes: 131_072,
  can: { write: false, delete: false, list: false },
  enforcement: "advisory",
  open: (store, context) => openEnv(parseOptions(store), context),
});

/** What a file may hold that `NAME_FILE` names. */
const maximumFileBytes = 16 * 1024 * 1024;

interface EnvOptions {
  readonly store: string;
  readonly prefix: string;
  readonly files: boolean;
}

/** Where the value of a path stands: in a variable, or in the file that a variable names. */
type Source = { readonly value: string } | { readonly file: string; readonly variable: string };

function openEnv({ store, prefix, files }: EnvOptions, context: BackendContext): Backend {
  const { environment, isOwnVariable, pathsIn } = context;
  const tree = {
    maximumBytes: maximumFileBytes,
    allowOpen: context.allowInsecurePermissions,
    lineEnd: "auto" as const,
    isOwnFile: context.isOwnFile,
  };

  const isOwn = (name: string): boolean => isOwnName(name) || isOwnVariable?.(name) === true;
  const valueOf = (name: string, isRefused: boolean): string | undefined => {
    const value = variableName.test(name) && Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined || !isRefused) return value;
    throw new AccessDeniedError(`the variable ${quote(name)} is this program's own, for keys and settings`, {
      hint: "keep the secret in a variable of another name; none that begins with `MXM_`, none that a `key` is read from",
    });
  };
  const isSecretItself = (variable: string): boolean =>
    pathsIn?.(store).some((path) => prefix + environmentNameOfPath(path) === variable) === true;

  const find = (path: string): Source | undefined => {
    const name = prefix + environmentNameOfPath(path);
    const variable = `${name}_FILE`;
    const value = valueOf(name, isOwn(name));
    const named = files && !isSecretItself(variable);
    const file = named ? valueOf(variable, isOwn(name) || isOwn(variable)) : undefined;
    if (file === undefined) return value === undefined ? undefined : { value };
    if (value === undefined) return { file, variable };
    throw new ConfigurationError(`${quote(name)} and ${quote(variable)} are both set`, [], {
      hint: `unset one of them; \`files: false\` of the store makes ${quote(variable)} a variable like any other`,
    });
  };

  return {
    read: async (grant, call) => {
      const { path } = grantedAccess(grant, "read");
      throwIfCancelled(call.signal);
      const source = find(path);
      if (source === undefined) return undefined;
      if ("value" in source) return new TextEncoder().encode(source.value);
      const { readNamedFile } = await import("../file-tree/named-file.js");
      return readNamedFile(source.file, source.variable, tree, call.signal);
    },
    check: async (paths) => {
      const findings: Finding[] = [];
      const presence = new Map<string, Presence>();
      for (const path of paths) {
        try {
          const source = find(path);
          if (source !== undefined && "file" in source) {
            const { requireNamedFile } = await import("../file-tree/named-file.js");
            requireNamedFile(source.file, source.variable, tree);
          }
          presence.set(path, source === undefined ? "absent" : "present");
        } catch (error) {
          if (!isSecretsError(error)) throw error;
          presence.set(path, "unknown");
          findings.push(findingOf(error));
        }
      }
      return { findings, presence };
    },
  };
}

function parseOptions(store: {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}): EnvOptions {
  const { prefix = "", files = true } = store.options;
  if (typeof prefix !== "string" || (prefix !== "" && !variableName.test(prefix))) {
    throw optionFault(store.name, "prefix", "expected letters, digits and `_`, not starting with a digit");
  }
  if (typeof files !== "boolean") throw optionFault(store.name, "files", "expected true or false");
  return { store: store.name, prefix, files };
}
