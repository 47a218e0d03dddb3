import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { isWithoutGit } from "../support/programs.js";

const timeout = 300_000;
const theirs = "#!/bin/sh\necho theirs\n";

test.skipIf(isWithoutGit)(
  "an installation that is killed at any moment leaves the hook as it was or with the whole scan in it",
  { timeout },
  async () => {
    const { start, run, shell, directory } = await useProject();
    await shell("git init -q");
    const hook = join(directory, ".git/hooks/pre-commit");
    await run(["scan", "--install-hook"]);
    const whole = readFileSync(hook, "utf8").replace("#!/bin/sh\n", "");
    const seen = new Set<string>();
    for (let delay = 0; delay < 250; delay += 7) {
      writeFileSync(hook, theirs, { mode: 0o755 });
      const child = start(["scan", "--install-hook"], "ignore");
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill("SIGKILL");
      await new Promise((resolve) =>
        child.exitCode === null && child.signalCode === null ? child.once("close", resolve) : resolve(0),
      );
      expect(existsSync(hook)).toBe(true);
      seen.add(readFileSync(hook, "utf8"));
    }
    const installed = theirs.replace("\n", `\n${whole}`);
    for (const text of seen) expect([theirs, installed]).toContain(text);
    expect(seen).toContain(theirs);
    expect(await run(["scan", "--install-hook"])).toMatchObject({ status: 0 });
    expect(readFileSync(hook, "utf8")).toBe(installed);
  },
);
