import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Stands in front of a real program and notes when each run begins and ends. */
export interface WatchedProgram {
  /** The file to run in the place of the program. */
  readonly program: string;
  /** A directory with that file alone, to stand first on PATH. */
  readonly directory: string;
  /** The most runs that were under way at once. */
  readonly peak: () => number;
  /** How many runs there were. */
  readonly runs: () => number;
}

/** A program that never ends by itself. */
export interface StuckProgram {
  readonly program: string;
  readonly directory: string;
  /** Resolves when it runs. */
  readonly waiting: () => Promise<void>;
  /** How many runs of it are still there. */
  readonly left: () => number;
}

/**
 * @param base - a directory of the test
 * @param name - under which it is found on PATH
 * @param real - the file of the real program
 */
export function watchProgram(base: string, name: string, real: string): WatchedProgram {
  const log = join(mkdtempSync(join(base, "watched-")), "log");
  writeFileSync(log, "");
  const script = `#!/bin/sh\necho + >>'${log}'\n'${real}' "$@"\ncode=$?\necho - >>'${log}'\nexit $code\n`;
  const marks = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return {
    ...place(base, name, script),
    peak: () => {
      let running = 0;
      return Math.max(0, ...marks().map((mark) => (running += mark === "+" ? 1 : -1)));
    },
    runs: () => marks().filter((mark) => mark === "+").length,
  };
}

/** As {@link watchProgram}, for a program that reads nothing, prints nothing and waits. */
export function stuckProgram(base: string, name: string): StuckProgram {
  const log = join(mkdtempSync(join(base, "stuck-")), "log");
  writeFileSync(log, "");
  const pids = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return {
    ...place(base, name, `#!/bin/sh\necho $$ >>'${log}'\nexec sleep 1000000\n`),
    waiting: async () => {
      while (pids().length === 0) await wait(5);
    },
    left: () => pids().filter((pid) => existsSync(`/proc/${pid}`)).length,
  };
}

function place(base: string, name: string, script: string): { readonly program: string; readonly directory: string } {
  const directory = mkdtempSync(join(base, "bin-"));
  const program = join(directory, name);
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return { program, directory };
}
