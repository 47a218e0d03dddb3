import { spawnSync } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { catalogue } from "../../scripts/tools/catalogue.mjs";

/** Programs put there by `scripts/install-tools.mjs`. */
export const toolsDirectory = resolve(import.meta.dirname, "../../.tools/bin");

/**
 * The file of a real program to test with: that of `.tools/bin`, else the one on PATH. Each candidate is asked what it is,
 * so that another program of the same name is not taken for it.
 *
 * @param name - as in `scripts/tools/catalogue.mjs`, such as `sops`, or `system-age` for the operating system's age
 * @returns `undefined` when there is none: its tests are skipped, and in CI `tests/tools.real.test.ts` fails by its name
 */
export function findTool(name: string): string | undefined {
  const row = catalogue.find((each) => each.name === name);
  if (row?.argv === undefined || row.answer === undefined) throw new Error(`${name} is no program of the catalogue`);
  const { argv, answer, program = name } = row;
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && resolve(directory) !== toolsDirectory);
  return [join(toolsDirectory, name), ...onPath.map((directory) => join(directory, program))].find((file) => {
    const { stdout, stderr } = spawnSync(file, argv, { encoding: "utf8" });
    return answer.test(stdout ?? "") || answer.test(stderr ?? "");
  });
}
