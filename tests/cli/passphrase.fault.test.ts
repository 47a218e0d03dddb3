import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

describe.skipIf(!mayRun)("on a terminal", () => {
  // Each question costs a scrypt of a second or more.
  test("a passphrase is asked for, and a wrong one opens nothing", { timeout: 120_000 }, async () => {
    const project = await useProject();
    const making = openTerminal(project, "mxm-secrets init --passphrase; echo code=$?");
    for (const question of ["new passphrase: ", "the same again: "]) {
      await making.see(question);
      making.type("horse battery\r");
    }
    await making.see("code=0");
    expect((await making.end()).screen).not.toContain("horse");
    expect(await project.run(["set", "first_key", "--stdin"], { input: "x" })).toMatchObject({ status: 5 });
    const answer = async (command: string, passphrase: string, code: number) => {
      const terminal = openTerminal(project, `${command}; echo code=$?`);
      await terminal.see("passphrase of");
      terminal.type(`${passphrase}\r`);
      await terminal.see(`code=${code}`);
      expect((await terminal.end()).screen).not.toContain("battery");
    };
    await answer("mxm-secrets keys public", "donkey battery", 5);
    await answer("printf %s value > v; mxm-secrets set first_key --file v", "horse battery", 0);
  });
});
