import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { pageBlocks } from "../support/play-page.js";

const root = resolve(import.meta.dirname, "../..");
const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
const pages = ["README.md", "SECURITY.md", ...docs.map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).map((name) => basename(name));

test.each(pages)("%s has a test that plays its commands, if it shows any", (page) => {
  const isShowing = pageBlocks(readFileSync(join(root, page), "utf8")).some(({ kind }) => kind === "console");
  const name = basename(page, ".md");
  const isPlayed = tests.includes(`${name}.test.ts`) || tests.includes(`${name}.real.test.ts`);
  expect({ page, isLeftOut: isShowing && !isPlayed }).toEqual({ page, isLeftOut: false });
});

test.each(pages)("%s has no indented block of commands, which nothing would play", (page) => {
  expect(readFileSync(join(root, page), "utf8")).not.toMatch(/^[ >\t]+```console/m);
});
