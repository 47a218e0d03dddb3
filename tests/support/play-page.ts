/*
 * How a page of `docs/` is played by a test. The page `docs/NAME.md` has the test `tests/docs/NAME.test.ts` (or
 * `NAME.real.test.ts`); `tests/docs/every-page.test.ts` fails for a page with commands that has none. In the page:
 *
 * - A block of any language whose first line is a comment that is nothing but the name of a file (`# compose.yaml`,
 *   `// load.ts`, `; unit.service`) is that file: it is written as shown before the next commands run. Below a first line
 *   `#!…` the name is on the second line, and the file may be executed.
 * - The line `<!-- file: NAME -->` above a block names the file where the language has no comments (JSON, `.env`).
 * - In a `console` block, `$ ` begins a command; lines `> ` right below continue it. What stands below is the beginning of
 *   what it prints, on both streams. A command of which nothing is shown must succeed. Each block is one shell.
 * - In what is shown, `…` stands for anything within its line, a line `…` for any lines; a time stands for any time, a
 *   duration in `audit` for any other, and `/home/you/project` for the directory of the test, in commands as well.
 * - `<!-- machine: NAME -->` above a block plays it on another machine of the test, with a home and a checkout of its own.
 * - `<!-- needs: PROGRAM -->` above a block plays it only where that program is installed.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { shownCommands } from "./console-blocks.js";
import type { ShownCommand } from "./console-blocks.js";
import { play } from "./play-block.js";
import type { PlayOptions } from "./play-block.js";
import type { Machine, Project } from "./project.js";

/** A block of a page: commands to run, or a file to write. */
export type PageBlock = {
  readonly line: number;
  readonly machine: string | undefined;
  readonly needs: string | undefined;
} & (
  | { readonly kind: "console"; readonly commands: readonly ShownCommand[] }
  | { readonly kind: "file"; readonly name: string; readonly text: string }
);

/** The blocks of a page that a test plays, in their order; any other block is for reading. */
export function pageBlocks(text: string): readonly PageBlock[] {
  const fence = /((?:^<!-- \w+: [^\n]* -->\n+)*)^```(\w*)\n(.*?)^```$/gms;
  const blocks: PageBlock[] = [];
  for (const { 0: whole, 1: above = "", 2: language = "", 3: body = "", index } of text.matchAll(fence)) {
    const line = text.slice(0, index + whole.indexOf("```")).split("\n").length;
    const said = new Map(
      [...above.matchAll(/^<!-- (\w+): (.*) -->$/gm)].map(([, key = "", value = ""]) => [key, value]),
    );
    const block = { line, machine: said.get("machine"), needs: said.get("needs") };
    const name = said.get("file") ?? nameInFirstLine(body);
    if (language === "console") blocks.push({ ...block, kind: "console", commands: shownCommands(body, line + 1) });
    else if (name !== undefined) blocks.push({ ...block, kind: "file", name, text: body });
  }
  return blocks;
}

/**
 * Plays a page of this repository, such as `docs/run.md`, from its top to its end.
 *
 * @param options.replace - what is run and written in place of what the page shows, such as other directories
 * @returns everything printed
 */
export async function playPage(page: string, project: Project, options: PlayOptions = {}): Promise<string> {
  const { replace = (command) => command } = options;
  const root = resolve(import.meta.dirname, "../..");
  let printed = "";
  for (const block of pageBlocks(readFileSync(resolve(root, page), "utf8"))) {
    if (block.needs !== undefined && !isInstalled(block.needs)) continue;
    const machine = block.machine === undefined ? project : project.machine(block.machine);
    if (block.kind === "file") writeShown(machine, replace(block.name), replace(block.text));
    else printed += await play(block.commands, machine, options);
  }
  return printed;
}

/** Whether a program is on PATH. */
export function isInstalled(program: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'command -v -- "$1"', "sh", program]).status === 0;
}

function writeShown(machine: Machine, name: string, text: string): void {
  const file = resolve(machine.directory, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, text.startsWith("#!") ? 0o755 : 0o644);
}

function nameInFirstLine(body: string): string | undefined {
  const [first = "", second = ""] = body.split("\n");
  return /^(?:#|\/\/|;|--) ([\w./@-]*[\w-]\.[\w.-]+|[\w.@-]+\/[\w./@-]+|Dockerfile|\.[\w.-]+)$/.exec(
    first.startsWith("#!") ? second : first,
  )?.[1];
}
