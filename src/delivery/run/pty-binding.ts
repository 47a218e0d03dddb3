import { UnavailableError } from "../../errors.js";

/** What of the native part of node-pty 1.1 is used here. Its JavaScript part loses the end of a large output. */
export interface PtyBinding {
  /** forkpty(3), then execvp(3); what that fails with is printed on the new terminal, and the exit code is 1. */
  readonly fork: (
    file: string,
    args: readonly string[],
    environment: readonly string[],
    workingDirectory: string,
    columns: number,
    rows: number,
    uid: -1,
    gid: -1,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ) => { readonly fd: number; readonly pid: number; readonly pty: string };
  /** openpty(3); children inherit both descriptors. */
  readonly open: (columns: number, rows: number) => Readonly<{ master: number; slave: number; pty: string }>;
  readonly resize: (master: number, columns: number, rows: number) => void;
}

const packageName = "@lydell/node-pty";

/**
 * Loads the native part for this platform, an optional dependency.
 *
 * @returns it, and the helper program it needs to start others on macOS
 * @throws UnavailableError when it is not installed: output on a terminal is then not masked, so it is not printed either
 */
export async function loadPtyBinding(): Promise<{ readonly binding: PtyBinding; readonly helper: string }> {
  // Not known to the compiler or the bundler: it is found from where the command is installed.
  const specifier: string = `${packageName}/requireBinary.js`;
  try {
    const loaded: unknown = await import(specifier);
    const binding: unknown = functionIn(loaded, "requireBinary")("pty.node");
    if (!isBinding(binding)) throw new TypeError("expected fork, open and resize");
    return { binding, helper: helperProgram() };
  } catch (cause) {
    throw new UnavailableError(
      `output on a terminal cannot be masked: the package \`${packageName}\` cannot be loaded`,
      {
        reason: "not_installed",
        cause,
        hint: `run \`npm install\` without \`--omit=optional\`, redirect the output, or leave the values readable with \`--no-masking\``,
      },
    );
  }
}

/** On macOS it lies beside the native part, which is among what Node has loaded; elsewhere there is none. */
function helperProgram(): string {
  if (process.platform !== "darwin") return "";
  const { createRequire } = process.getBuiltinModule("node:module");
  const native = Object.keys(createRequire(process.execPath).cache).find((file) => file.endsWith("/pty.node"));
  return native?.replace(/pty\.node$/, "spawn-helper") ?? "";
}

function functionIn(module: unknown, name: string): (argument: string) => unknown {
  for (const candidate of [module, propertyOf(module, "default")]) {
    const found = propertyOf(candidate, name);
    if (isFunction(found)) return found;
  }
  throw new TypeError(`expected ${name}`);
}

function isBinding(value: unknown): value is PtyBinding {
  return ["fork", "open", "resize"].every((name) => isFunction(propertyOf(value, name)));
}

function isFunction(value: unknown): value is (argument: string) => unknown {
  return typeof value === "function";
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
