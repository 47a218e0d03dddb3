import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { toolsDirectory } from "./tools.js";

/**
 * A Python that has a module: that of `.tools/python`, else the one on PATH.
 *
 * @returns `undefined` when there is none: the test is skipped
 * @throws Error in CI, where a module that can be installed must be there
 */
export function pythonWith(module: string): string | undefined {
  const runs = (python: string, script: string): boolean => spawnSync(python, ["-c", script]).status === 0;
  const installed = join(dirname(toolsDirectory), "python", "bin", "python");
  const found = [installed, "python3"].find((python) => runs(python, `import ${module}`));
  const mayBeHad = process.env["CI"] !== undefined && runs("python3", "import venv, ensurepip");
  if (found !== undefined || !mayBeHad) return found;
  throw new Error(`Python has no ${module}: run \`node scripts/install-tools.mjs\``);
}
