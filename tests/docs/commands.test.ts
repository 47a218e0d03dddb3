import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.js";
import { findCommand } from "../../src/cli/commands.js";
import { callsIn, consoleBlocks } from "../support/console-blocks.js";

const root = resolve(import.meta.dirname, "../..");
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
const pages = ["README.md", "SECURITY.md", ...docs.map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

test.each(pages)("%s shows only commands and options there are", async (page) => {
  for (const { line, command } of consoleBlocks(join(root, page)).flat()) {
    for (const [name = "", ...rest] of callsIn(command)) {
      if (name === "help" || name.startsWith("-")) continue;
      const declared = await findCommand(name);
      if (declared === undefined) throw new Error(`${page}:${line}: there is no command ${name}`);
      expect({ page, line, parsed: parseArguments(declared, rest).command }).toEqual({ page, line, parsed: declared });
    }
  }
});

test("no page has a figure that was never filled in", () => {
  const written = [...pages, "CHANGELOG.md"];
  const unfilled = written.filter((page) => /\bSEEN_[A-Z0-9]+|\bTODO\b/.test(readFileSync(join(root, page), "utf8")));
  expect(unfilled).toEqual([]);
});
