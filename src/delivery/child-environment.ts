import { isUtf8 } from "node:buffer";
import { InvalidInputError, quote } from "../errors.js";
import { environmentName } from "../domain/names.js";
import type { Secret } from "../domain/secret.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that decide which code a program loads or runs: the loader's, the shell's, interpreters' and git's. */
const loaderVariable = new RegExp(
  `^(${[
    "(LD|DYLD)_.*|GIT_(SSH|ASKPASS|CONFIG|EDITOR|PAGER|DIR|EXEC_PATH|EXTERNAL_DIFF|PROXY_COMMAND|TEMPLATE_DIR).*",
    "PATH|IFS|ENV|BASH_ENV|BASH_FUNC.*|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|CDPATH|SHELL|HOME",
    "NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|PYTHON(PATH|HOME|STARTUP|INSPECT|EXECUTABLE)",
    "PERL5?(LIB|OPT|DB)|RUBY(LIB|OPT)|(_JAVA|JAVA_TOOL|JDK_JAVA)_OPTIONS|CLASSPATH|GCONV_PATH|LOCPATH|TMPDIR",
  ].join("|")})$`,
);

/** @throws InvalidInputError for a secret whose variable would change what the child loads, whatever its value */
export function refuseLoaderName(name: string): void {
  if (!loaderVariable.test(environmentName(name))) return;
  throw new InvalidInputError(`${quote(name)} would change how the command loads; it is never put into an environment`);
}

/**
 * The environment of a child: the parent's, less everything of ours, plus the named secrets under their upper-case
 * names.
 *
 * @param ownVariables - names the configuration takes keys from, besides everything that starts with `MXM_`
 * @throws InvalidInputError for a value no environment can hold (a NUL byte, or not UTF-8)
 */
export function childEnvironment(
  parent: Environment,
  secrets: readonly Secret[],
  ownVariables: readonly string[],
): Record<string, string> {
  const own = new Set(ownVariables);
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !name.startsWith("MXM_") && !own.has(name)) child[name] = value;
  }
  for (const secret of secrets) {
    const bytes = secret.bytes();
    const fault = bytes.includes(0) ? "has a NUL byte" : isUtf8(bytes) ? undefined : "is binary";
    if (fault !== undefined) {
      throw new InvalidInputError(`the value of ${quote(secret.name)} ${fault}, which no environment can hold`);
    }
    child[environmentName(secret.name)] = secret.reveal();
  }
  return child;
}
