import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { buildCommand } from "./command.js";

/** How a command ended. */
export interface CommandEnd {
  /** The exit code, or 128+N as a shell says it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output byte for byte. */
  readonly bytes: Buffer;
}

export interface RunOptions {
  /** Standard input; empty without it. */
  readonly input?: string | Uint8Array | undefined;
  /** Added to the machine's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the machine's directory. */
  readonly cwd?: string;
}

/** A user's home and checkout, with nothing of the surroundings of the test but the programs on PATH. */
export interface Machine {
  /** The checkout, and the working directory of its commands. */
  readonly directory: string;
  readonly home: string;
  readonly state: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs the command to its end. */
  readonly run: (argv: readonly string[], options?: RunOptions) => Promise<CommandEnd>;
  /** Runs a line of shell, in which the command has its name. */
  readonly shell: (script: string, options?: RunOptions) => Promise<CommandEnd>;
  /** Starts the command and leaves it running. */
  readonly start: (argv: readonly string[], stdio: StdioOptions, options?: RunOptions) => ChildProcess;
}

/** A directory of its own for one test, removed after it, and the machines in it by their names. */
export interface Project extends Machine {
  readonly root: string;
  readonly machine: (name: string) => Machine;
}

/**
 * An empty project for one test. The command under test is bundled from the present sources.
 *
 * @param atEnd - the test's own `onTestFinished`, where tests run side by side
 */
export async function useProject(atEnd: (forget: () => void) => void = onTestFinished): Promise<Project> {
  const command = await buildCommand();
  const root = realpathSync(mkdtempSync(join(tmpdir(), "mxm-cli-")));
  atEnd(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
  mkdirSync(join(root, "bin"));
  symlinkSync(command, join(root, "bin/mxm-secrets"));
  const machine = (name: string): Machine => makeMachine(root, command, name);
  return { root, machine, ...machine("project") };
}

function makeMachine(root: string, command: string, name: string): Machine {
  const directory = join(root, name);
  const home = join(root, `home-${name}`);
  const state = join(home, "state");
  for (const made of [directory, home, join(home, "tmp")]) mkdirSync(made, { recursive: true, mode: 0o700 });
  const environment = {
    PATH: [join(root, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    TMPDIR: join(home, "tmp"),
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    MXM_SECRETS_STATE: state,
    MXM_SECRETS_CACHE: join(home, "cache"),
  };
  const launch = (program: string, argv: readonly string[], stdio: StdioOptions, options: RunOptions): ChildProcess =>
    spawn(program, argv, { cwd: options.cwd ?? directory, env: { ...environment, ...options.env }, stdio });
  const start: Machine["start"] = (argv, stdio, options = {}) =>
    launch(process.execPath, [command, ...argv], stdio, options);
  return {
    directory,
    home,
    state,
    environment,
    start,
    run: (argv, options = {}) => endOf(start(argv, "pipe", options), options.input),
    shell: (script, options = {}) => endOf(launch("/bin/sh", ["-c", script], "pipe", options), options.input),
  };
}

/** Everything a started command printed, when it has ended. */
export async function endOf(child: ChildProcess, input?: string | Uint8Array): Promise<CommandEnd> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  // A command that ends without reading its input is judged by its exit code.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  await once(child, "close");
  const { exitCode, signalCode } = child;
  const status = signalCode === null ? (exitCode ?? -1) : 128 + constants.signals[signalCode];
  const bytes = Buffer.concat(out);
  return { status, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes };
}
