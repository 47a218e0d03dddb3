import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";
import { replay } from "../support/transcript.js";

const directory = join(import.meta.dirname, "transcripts");

// Each is what a person sees who types the lines after `$`. `npx vitest run tests/cli/transcripts -u` writes them anew.
describe.concurrent("the command line answers as in the transcript", () => {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    const transcript = readFileSync(file, "utf8");
    const isSkipped = isWithoutGit && /\bgit /.test(transcript);
    test.skipIf(isSkipped)(`${name} holds`, { timeout: 180_000 }, async ({ expect, onTestFinished }) => {
      const played = await replay(transcript, await useProject(onTestFinished));
      await expect(played).toMatchFileSnapshot(file);
    });
  }
});
