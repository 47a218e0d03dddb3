import { programFile } from "../command/run.js";
import type { CommandStore } from "../command/run.js";
import { quote } from "../errors.js";
import { findProgram, isExecutable } from "../process/program-path.js";
import type { Finding, StoreReport } from "./contract.js";

/**
 * Whether the programs of a store are there. None is run: that would read a value, or ask for a password. So it is not
 * known which paths have one.
 */
export function checkCommand(store: CommandStore, paths: readonly string[]): StoreReport {
  const programs = new Set(Object.values(store.argv).map(([program]) => program));
  const findings = [...programs].flatMap((program): readonly Finding[] =>
    isInstalled(programFile(program, store.directory), store.environment)
      ? []
      : [
          {
            severity: "problem",
            code: "unavailable",
            unavailable: "not_installed",
            message: `${quote(program)} is not installed`,
            hint: `install it, or correct the programs of store ${quote(store.name)}`,
          },
        ],
  );
  return { findings, presence: new Map(paths.map((path) => [path, "unknown"])) };
}

/** As the runner looks for it: no relative directory on PATH counts. */
function isInstalled(program: string, environment: CommandStore["environment"]): boolean {
  // There, a name stands for a file with one of several endings.
  if (process.platform === "win32") return true;
  return program.includes("/") ? isExecutable(program) : findProgram(program, environment) !== undefined;
}
