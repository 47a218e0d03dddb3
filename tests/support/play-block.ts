import { expect } from "vitest";
import type { ShownCommand } from "./console-blocks.js";
import type { Machine } from "./project.js";

export interface PlayOptions {
  /** Added to the machine's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is run of a command that the page shows. */
  readonly replace?: (command: string) => string;
}

/**
 * Runs a block in one shell and holds what each command prints against what the page shows of it. A command of which it
 * shows nothing must succeed.
 *
 * @returns everything printed
 */
export async function play(
  block: readonly ShownCommand[],
  machine: Machine,
  { env = {}, replace = (command) => command }: PlayOptions = {},
): Promise<string> {
  const script = block
    .map(({ command }) => `${replace(command)}\nended=$?; echo "<<$ended>>"; (exit $ended)`)
    .join("\n");
  const { stdout } = await machine.shell(`exec 2>&1\n${script}`, { env });
  const ends = [...stdout.matchAll(/(.*?)<<(\d+)>>\n/gs)];
  for (const [index, { line, command, output }] of block.entries()) {
    const [, printed = "", status = ""] = ends[index] ?? [];
    const start = printed.split("\n").slice(0, output.length);
    const expected = { line, command, output, status: output.length === 0 ? "0" : status };
    expect({ line, command, output: start, status }).toEqual(expected);
  }
  return stdout;
}
