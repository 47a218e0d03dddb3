import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageBlocks, playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";
import { rejection } from "../support/scratch.js";

const page = [
  "# A page",
  "```sh\n#!/bin/sh\n# bin/hello.sh\necho hello at 2026-11-22T08:00:00Z\n```",
  '<!-- file: data.json -->\n```json\n{ "a": 1 }\n```',
  "```yaml\n# only words\na: 1\n```",
  "```console\n$ bin/hello.sh\nhello at 2020-01-01T00:00:00Z\n$ pwd\n/home/you/project\n$ cat \\\n> data.json\n```",
  "<!-- machine: monolith -->\n<!-- needs: no-such-program -->\n```console\n$ touch never\n```",
  "<!-- machine: monolith -->\n```console\n$ printf '1\\n2\\n3\\n4\\n'\n1\n…\n4\n$ echo one two three\none … three\n```\n",
].join("\n\n");

test("files of a page are written where their commands find them, and its commands are run in order", async () => {
  const project = await useProject();
  const file = join(project.directory, "page.md");
  writeFileSync(file, page);
  expect(await playPage(file, project)).toContain('{ "a": 1 }');
  expect(statSync(join(project.directory, "bin/hello.sh")).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(project.directory, "data.json"), "utf8")).toBe('{ "a": 1 }\n');
  expect(existsSync(join(project.machine("monolith").directory, "never"))).toBe(false);
  expect(pageBlocks(page).map(({ kind, line }) => [kind, line])).toEqual([
    ["file", 3],
    ["file", 10],
    ["console", 19],
    ["console", 30],
    ["console", 35],
  ]);
});

test.each([
  ["$ echo one\ntwo", "prints something else"],
  ["$ false", "fails silently"],
  ["$ echo one\none\ntwo", "prints less"],
  ["$ exit 0\n$ echo one\none", "ends the shell early"],
])("a command that does not do what the page shows fails its test: %j %s", async (commands) => {
  const project = await useProject();
  const file = join(project.directory, "page.md");
  writeFileSync(file, `\`\`\`console\n${commands}\n\`\`\`\n`);
  expect(await rejection(playPage(file, project))).toBeInstanceOf(Error);
});
