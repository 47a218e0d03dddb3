import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { useProject } from "../support/project.js";
import { replay } from "../support/transcript.js";

const directory = join(import.meta.dirname, "transcripts");

// Each is what a person sees who types the lines after `$`. `npx vitest run tests/cli/transcripts -u` writes them anew.
describe.concurrent("the command line answers as in the transcript", () => {
  for (const name of readdirSync(directory)) {
    test(`${name} holds`, { timeout: 60_000 }, async ({ expect, onTestFinished }) => {
      const file = join(directory, name);
      const played = await replay(readFileSync(file, "utf8"), await useProject(onTestFinished));
      await expect(played).toMatchFileSnapshot(file);
    });
  }
});
