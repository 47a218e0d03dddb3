import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.js";
import { completionScripts } from "../../src/cli/completion-scripts.js";
import { useProject } from "../support/project.js";

/** A line of bash that completes the words as a person who presses Tab at their end. */
function pressTab(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  return `COMP_WORDS=(mxm-secrets ${quoted}); COMP_CWORD=${words.length}; COMPREPLY=(); _mxm_secrets; echo "\${COMPREPLY[*]}"`;
}

test(
  "bash completes commands, options, verbs, files and names, and contacts no store",
  { timeout: 60_000 },
  async () => {
    const { run, shell, directory } = await useProject();
    await run(["init"]);
    for (const name of ["first_key", "first_password", "second_key"])
      await run(["set", name, "--stdin"], { input: "x" });
    // Neither the store nor its key can be read now: the names come from the configuration alone.
    for (const file of ["secrets.enc", ".key"]) writeFileSync(join(directory, file), "no store");
    chmodSync(join(directory, ".key"), 0o644);
    const words = [
      ["g"],
      ["get", "first"],
      ["rm", "--ke"],
      ["keys", ""],
      ["diff", "mxm"],
      ["get", "$(touch x)"],
      ["init", ""],
    ];
    const script = ['eval "$(mxm-secrets completion bash)"', ...words.map(pressTab)].join("\n");
    writeFileSync(join(directory, "tab.bash"), script);
    const { stdout, stderr } = await shell(
      "mxm-secrets completion bash > made.bash; bash -n made.bash && bash tab.bash; ls",
    );
    expect(stderr).toBe("");
    const [command, secret, option, verb, file, , none, ...rest] = stdout.split("\n");
    expect({ command, secret, option, verb, file, none }).toEqual({
      command: "get",
      secret: "first_key first_password",
      option: "--keep-ref",
      verb: "init public list add rm",
      file: "mxm-secrets.yaml",
      none: "",
    });
    expect(rest).not.toContain("x");
  },
);

test.each([...completionScripts])("the completion of %s knows every command and option", async (_shell, make) => {
  const commands = await allCommands();
  const script = make(commands);
  for (const { name, options } of commands) {
    expect(script).toMatch(new RegExp(`\\b${name}\\b`));
    for (const option of Object.keys(options)) expect(script).toMatch(new RegExp(`(--|-l )${option}\\b`));
  }
});
