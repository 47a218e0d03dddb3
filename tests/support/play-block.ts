import { expect } from "vitest";
import type { ShownCommand } from "./console-blocks.js";
import type { Machine } from "./project.js";

export interface PlayOptions {
  /** Added to the machine's environment; a function is asked before each block. */
  readonly env?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** What is run, and written, in place of what the page shows. */
  readonly replace?: (command: string) => string;
  /** The way back: what the page would show of what was printed. */
  readonly restore?: (printed: string) => string;
}

/** The directory that stands in the pages for the one of the test. */
const shownDirectory = "/home/you/project";

/**
 * Runs a block in one shell and holds what each command prints against what the page shows of it. A command of which it
 * shows nothing must succeed. What differs from run to run is compared as `play-page.ts` says.
 *
 * @returns everything printed
 */
export async function play(
  block: readonly ShownCommand[],
  machine: Machine,
  { env = {}, replace = (command) => command, restore = (printed) => printed }: PlayOptions = {},
): Promise<string> {
  const script = block
    .map(({ command }) => replace(command).replaceAll(shownDirectory, machine.directory))
    .map((command) => `${command}\nended=$?; echo "<<$ended>>"; (exit $ended)`)
    .join("\n");
  const { stdout } = await machine.shell(`exec 2>&1\n${script}`, { env: typeof env === "function" ? env() : env });
  const ends = [...stdout.matchAll(/(.*?)<<(\d+)>>\n/gs)];
  for (const [index, { line, command, output }] of block.entries()) {
    const [, text = "", status = ""] = ends[index] ?? [];
    const printed = restore(text.replaceAll(machine.directory, shownDirectory));
    if (output.length === 0)
      expect({ line, command, printed, status }).toEqual({ line, command, printed, status: "0" });
    else if (!patternOf(output).test(withoutEmptyLines(printed)))
      expect({ line, command, printed }).toEqual({ line, command, printed: output });
  }
  return stdout;
}

/** A page may leave a line empty between two commands, so that empty lines do not count. */
function withoutEmptyLines(text: string): string {
  return text.replace(/^\n/gm, "");
}

/** Matches what begins with the lines shown. */
function patternOf(shown: readonly string[]): RegExp {
  const lines = shown.map((line) => (line === "…" ? "(?:.*\\n)*?" : `${patternOfLine(line)}\\n`));
  return new RegExp(`^${lines.join("")}`);
}

function patternOfLine(line: string): string {
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;
  return line
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("…", ".*")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\\\.\d+)?Z/g, time);
}
