import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

describe.skipIf(!mayRun)("on a terminal", () => {
  test(
    "going back to the older format asks first, and Ctrl-C or no leaves all as it is",
    { timeout: 60_000 },
    async () => {
      const project = await useProject();
      await project.run(["init"]);
      await project.run(["set", "a_key", "--stdin"], { input: "a" });
      const files = () =>
        ["secrets.enc", ".key", "mxm-secrets.yaml"].map((name) =>
          readFileSync(join(project.directory, name), "latin1"),
        );
      const names = () => readdirSync(project.directory).toSorted();
      const before = { files: files(), names: names() };
      const answer = async (typed: string, code: number) => {
        const terminal = openTerminal(
          project,
          "mxm-secrets migrate --to fernet; echo code=$?; stty -a | grep -o ' echo '",
        );
        await terminal.see("in the older format? [y/N]");
        terminal.type(typed);
        await terminal.see(`code=${code}`);
        await terminal.see(" echo ");
        await terminal.end();
      };
      await answer("\x03", 130);
      expect({ files: files(), names: names() }).toEqual(before);
      await answer("n\r", 0);
      expect({ files: files(), names: names() }).toEqual(before);
      await answer("y\r", 0);
      expect(files()[0]).toMatch(/^gAAAA/);
      expect((await project.run(["get", "a_key"])).stdout).toBe("a\n");
    },
  );
});
