import { grantedAccess } from "../domain/grant.js";
import { environmentNameOfPath } from "../domain/names.js";
import { isOwnName } from "../domain/key-source.js";
import { AccessDeniedError, ConfigurationError, quote, throwIfCancelled } from "../errors.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendContext, Finding, PathGrammar, Presence } from "./contract.js";

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const variablePaths: PathGrammar = {
  description: "letters, digits, `_`, `-`, `.` and `/`, not starting with a digit",
  fault: (path) =>
    variableName.test(environmentNameOfPath(path))
      ? undefined
      : "expected only letters, digits, `_`, `-`, `.` and `/`, not starting with a digit, to make the name of a variable",
};

/** Environment variables: `prod/smtp-password` is read from `PROD_SMTP_PASSWORD`. An empty variable is an empty value. */
export const envBackend = defineBackend({
  kind: "env",
  description: "environment variables of this process",
  options: {
    prefix: { type: "string", description: "stands before the name of every variable, such as `MYAPP_`" },
  },
  paths: variablePaths,
  // Linux: MAX_ARG_STRLEN, the longest `NAME=value` a process can be given.
  maximumValueBytes: 131_072,
  can: { write: false, delete: false, list: false },
  enforcement: "advisory",
  open: (store, context) => openEnv(prefixOf(store), context),
});

function openEnv(prefix: string, { environment, isOwnVariable }: BackendContext): Backend {
  const valueAt = (path: string): string | undefined => {
    const name = prefix + environmentNameOfPath(path);
    const value = variableName.test(name) && Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined || !(isOwnName(name) || isOwnVariable?.(name) === true)) return value;
    throw new AccessDeniedError(`the variable ${quote(name)} is this program's own, for keys and settings`, {
      hint: "keep the secret in a variable of another name; none that begins with `MXM_`, none that a `key` is read from",
    });
  };
  return {
    read: async (grant, call) => {
      const { path } = grantedAccess(grant, "read");
      throwIfCancelled(call.signal);
      const value = valueAt(path);
      return value === undefined ? undefined : new TextEncoder().encode(value);
    },
    check: async (paths) => {
      const findings: Finding[] = [];
      const presence = new Map<string, Presence>();
      for (const path of paths) {
        try {
          presence.set(path, valueAt(path) === undefined ? "absent" : "present");
        } catch (error) {
          if (!(error instanceof AccessDeniedError)) throw error;
          presence.set(path, "unknown");
          findings.push({
            severity: "problem",
            message: error.message,
            ...(error.hint === undefined ? {} : { hint: error.hint }),
          });
        }
      }
      return { findings, presence };
    },
  };
}

function prefixOf(store: { readonly name: string; readonly options: Readonly<Record<string, unknown>> }): string {
  const { prefix = "" } = store.options;
  if (typeof prefix === "string" && (prefix === "" || variableName.test(prefix))) return prefix;
  const path = ["stores", store.name, "prefix"];
  const message = "expected letters, digits and `_`, not starting with a digit";
  throw new ConfigurationError(`${path.join(".")}: ${message}`, [{ path, message }]);
}
