import { readFileSync } from "node:fs";

/** One command of a `console` block of a page, and what the page shows below it. */
export interface ShownCommand {
  readonly line: number;
  /** After `$ `. */
  readonly command: string;
  readonly output: readonly string[];
}

/** The `console` blocks of a Markdown page. */
export function consoleBlocks(file: string): readonly (readonly ShownCommand[])[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].map(({ 1: block = "", index }) =>
    shownCommands(block, text.slice(0, index).split("\n").length + 1),
  );
}

/**
 * The commands of one block. A line `> ` right below a command continues it.
 *
 * @param first - the number of the block's first line in its page
 */
export function shownCommands(block: string, first: number): readonly ShownCommand[] {
  const commands: { line: number; command: string; output: string[] }[] = [];
  for (const [offset, line] of block.split("\n").entries()) {
    const last = commands.at(-1);
    if (line.startsWith("$ ")) commands.push({ line: first + offset, command: line.slice(2), output: [] });
    else if (last?.output.length === 0 && /^> ?/.test(line)) last.command += `\n${line.replace(/^> ?/, "")}`;
    else if (line !== "") last?.output.push(line);
  }
  return commands;
}

/** The words after `mxm-secrets`, wherever a line of shell runs it. Knows quotes, pipes, lists, redirections, comments. */
export function callsIn(command: string): readonly (readonly string[])[] {
  const words = [...command.matchAll(/"[^"]*"|'[^']*'|\d?[<>]+&?[ \t]*\S*|[|&;]+|#.*$|[^\s|&;<>]+/g)].map(
    ([word]) => word,
  );
  const calls: string[][] = [];
  let call: string[] | undefined;
  for (const word of words) {
    if (/^([|&;]|#)/.test(word)) call = undefined;
    else if (word === "mxm-secrets" && call === undefined) calls.push((call = []));
    else if (!/^\d?[<>]/.test(word)) call?.push(word.replace(/^(["'])(.*)\1$/s, "$2"));
  }
  return calls;
}
