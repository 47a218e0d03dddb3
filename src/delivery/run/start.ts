import type { ChildProcess, spawn as Spawn, StdioOptions } from "node:child_process";
import { errnoOf } from "../../files/errno.js";
import { NotStartedError, notStarted } from "./not-started.js";
import type { Program } from "./not-started.js";

/** A program that runs. */
export interface StartedProgram {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its exit code, or 128+N for signal N. */
  readonly ended: Promise<number>;
}

/**
 * Starts a program without a shell, with exactly this environment.
 *
 * @param ownGroup - in a session of its own, and so with a process group of its own and without a terminal
 * @throws NotStartedError
 */
export async function startProgram(program: Program, stdio: StdioOptions, ownGroup: boolean): Promise<StartedProgram> {
  // Loaded now, when the secrets are there: V8 has less to tidy while they are read.
  const { spawn } = await import("node:child_process");
  const child = spawnProgram(spawn, program, stdio, ownGroup);
  const { pid } = child;
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 0) : 128 + process.getBuiltinModule("node:os").constants.signals[signal]);
    });
  });
  if (pid === undefined) {
    const error = await new Promise((resolve) => child.once("error", resolve));
    throw notStarted(program, error);
  }
  return { child, pid, ended };
}

function spawnProgram(spawn: typeof Spawn, program: Program, stdio: StdioOptions, ownGroup: boolean): ChildProcess {
  const [file = "", ...args] = program.command;
  if (file === "") throw new NotStartedError("the name of the program is empty", 127);
  try {
    return spawn(file, args, { env: program.environment, stdio, shell: false, detached: ownGroup });
  } catch (error) {
    // Some failures of execve(2) are thrown, others come as an event.
    if (errnoOf(error) === undefined) throw error;
    throw notStarted(program, error);
  }
}
