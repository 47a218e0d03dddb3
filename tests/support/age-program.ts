import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { toolsDirectory } from "./gopass.js";

/** An `age` to test with, and the `age-keygen` that belongs to it. */
export interface AgeProgram {
  readonly directory: string;
  readonly age: string;
  readonly keygen: string;
  /** Whether it has post-quantum keys: from 1.3 on. */
  readonly isPostQuantum: boolean;
}

const places = [toolsDirectory, ...(process.env["PATH"] ?? "").split(delimiter)]
  .filter((directory) => existsSync(join(directory, "age")) && existsSync(join(directory, "age-keygen")))
  .map((directory) => realpathSync(directory));

/** Every `age` there is: that of `.tools/bin`, and those on PATH. */
export const agePrograms: readonly AgeProgram[] = [...new Set(places)]
  .map((directory) => ({ directory, age: join(directory, "age"), keygen: join(directory, "age-keygen") }))
  .map((program) => ({ ...program, isPostQuantum: spawnSync(program.keygen, ["-pq"]).status === 0 }));

/** One that has all of age's kinds of keys. */
export const postQuantumAge = agePrograms.find(({ isPostQuantum }) => isPostQuantum);
if (postQuantumAge === undefined && process.env["CI"] !== undefined) {
  throw new Error("age 1.3 or later is missing: run `node scripts/install-tools.mjs`");
}

/** Runs `age` or `age-keygen`, which must succeed. @param input - for its standard input */
export function mustAge(program: string, argv: readonly string[], input: Uint8Array = Buffer.of()): Buffer {
  const { status, stdout, stderr } = spawnSync(program, argv, { input, env: {} });
  if (status !== 0) throw new Error(`${program} ${argv.join(" ")}: exit ${status}\n${stderr.toString()}`);
  return stdout;
}
