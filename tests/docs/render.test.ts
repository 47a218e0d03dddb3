import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { playPage } from "../support/play-page.js";
import { useProject } from "../support/project.js";

const page = resolve(import.meta.dirname, "../../docs/render.md");

test("what docs/render.md shows happens", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "openai_api_key", "--stdin"], { input: "sk-proj-1" });
  expect(await playPage("docs/render.md", project)).toContain("export OPENAI_API_KEY='sk-proj-1'\n");
});

test("the table of escapes in docs/render.md says what they write", { timeout: 60_000 }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "a", "--stdin"], { input: `it's "5"&6` });
  const templates = {
    json: '"${{ secrets.A }}"',
    yaml: "${{ secrets.A }}",
    shell: "${{ secrets.A }}",
    url: "${{ secrets.A }}",
    xml: "${{ secrets.A }}",
  };
  for (const [escape, template] of Object.entries(templates)) {
    const { stdout } = await project.run(["render", "-", "--escape", escape], { input: template });
    const written = escape === "json" ? stdout.slice(1, -1) : stdout;
    expect(rowOf(escape)).toContain(`\`${written}\``);
  }
});

function rowOf(escape: string): string {
  return (
    readFileSync(page, "utf8")
      .split("\n")
      .find((line) => line.startsWith(`| \`${escape}\` `)) ?? ""
  );
}
