import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { programFile } from "../command/run.js";
import type { CommandStore } from "../command/run.js";
import { quote } from "../errors.js";
import type { Finding, StoreReport } from "./contract.js";

/**
 * Whether the programs of a store are there. None is run: that would read a value, or ask for a password. So it is not
 * known which paths have one.
 */
export function checkCommand(store: CommandStore, paths: readonly string[]): StoreReport {
  const programs = new Set(Object.values(store.argv).map(([program]) => program));
  const findings = [...programs].flatMap((program): readonly Finding[] =>
    isInstalled(programFile(program, store.directory), store.environment["PATH"] ?? "")
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

function isInstalled(program: string, path: string): boolean {
  // There, a name stands for a file with one of several endings.
  if (process.platform === "win32") return true;
  const files = program.includes("/") ? [program] : path.split(delimiter).map((directory) => join(directory, program));
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
