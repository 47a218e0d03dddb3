import { constants } from "node:os";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

/** A project with `first_key`, and a shell line run on a terminal in it. */
async function useTerminal() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "before" });
  const value = async () => (await project.run(["get", "first_key", "-n"])).stdout;
  return { ...project, value, open: (script: string) => openTerminal(project, script) };
}

/** Says the exit code, and how the terminal was left. */
const afterwards = '; echo "code=$?"; stty -a';
const sane = /(?<!-)\bicanon\b[^]*(?<!-)\becho\b/;

describe.skipIf(!mayRun)("on a terminal", () => {
  test.each(["SIGHUP", "SIGQUIT", "SIGTERM"] as const)(
    "%s at a prompt leaves the terminal sane",
    { timeout },
    async (signal) => {
      const { open, value } = await useTerminal();
      const terminal = open(`sh -c 'echo "pid=$$"; exec mxm-secrets set first_key'${afterwards}`);
      await terminal.see("value of first_key: ");
      process.kill(Number(/pid=(\d+)/.exec(terminal.seen())?.[1]), signal);
      const { screen } = await terminal.end();
      expect(screen).toContain(`code=${128 + constants.signals[signal]}`);
      expect(screen).toMatch(sane);
      expect(await value()).toBe("before");
    },
  );

  test("set asks without showing what is typed, and takes corrections", { timeout }, async () => {
    const { open, value } = await useTerminal();
    const terminal = open(`mxm-secrets set first_key${afterwards}`);
    await terminal.see("value of first_key: ");
    terminal.type("wrong\x15zwölf\x7fg two\tparts$x");
    await new Promise((resolve) => setTimeout(resolve, 50));
    terminal.type("\r");
    await terminal.see("code=0");
    const { screen } = await terminal.end();
    expect(screen).not.toMatch(/wrong|zw|parts/);
    expect(screen).toMatch(sane);
    expect(await value()).toBe("zwölg two\tparts$x");
  });

  test("leaving the prompt changes nothing and leaves the terminal as it was", { timeout }, async () => {
    const { open, value } = await useTerminal();
    const ways: readonly (readonly [string, number, string])[] = [
      ["half\x03", 130, "cancelled at the prompt; nothing was changed"],
      ["\x04", 4, "the input ended at the prompt; nothing was changed"],
      ["first line\rsecond line\rthird line\r", 2, "more than one line was pasted; nothing was changed"],
      ["\r", 2, "nothing was typed; nothing was changed"],
      ["arrow\x1b[A", 2, "a key was pressed that is no text; nothing was changed"],
    ];
    const leave = async ([keys, code, message]: (typeof ways)[number]) => {
      const terminal = open(`mxm-secrets set first_key${afterwards}`);
      await terminal.see("value of first_key: ");
      terminal.type(keys);
      await terminal.see(message);
      await terminal.see(`code=${code}`);
      const { screen } = await terminal.end();
      expect(screen).toMatch(sane);
      expect(screen).not.toMatch(/half|(second|third) line|arrow/);
    };
    await Promise.all(ways.map(leave));
    expect(await value()).toBe("before");
  });

  test("rm asks, and only yes is yes", { timeout }, async () => {
    const { open, value } = await useTerminal();
    const answer = async (keys: string, code: string) => {
      const terminal = open(`mxm-secrets rm first_key${afterwards}`);
      await terminal.see("remove the value of first_key and its name? [y/N] ");
      terminal.type(keys);
      await terminal.see(`code=${code}`);
      expect((await terminal.end()).screen).toMatch(sane);
    };
    await Promise.all([
      answer("\r", "0"),
      answer("no\r", "0"),
      answer("ye\r", "0"),
      answer("\x03", "130"),
      answer("\x04", "4"),
    ]);
    expect(await value()).toBe("before");
    await answer("y\r", "0");
    expect(await value()).toBe("");
  });

  test("Ctrl-C reaches the child of run once, however its streams are redirected", { timeout }, async () => {
    const { open, directory } = await useTerminal();
    const child = join(directory, "child.cjs");
    const lines = [
      'const say = (text) => require("node:fs").writeFileSync("/dev/tty", text);',
      "let caught = 0;",
      "const end = () => { say(`caught=${caught}.`); process.exit(9); };",
      // A second one would come while it waits.
      'for (const name of ["SIGINT", "SIGQUIT"]) process.on(name, () => { if (++caught === 1) setTimeout(end, 500); });',
      'setTimeout(end, 50_000); say("ready");',
    ];
    writeFileSync(child, lines.join("\n"));
    const interrupt = async (redirection: string, key: string) => {
      const command = `mxm-secrets run --only first_key -- node ${child} ${redirection}`;
      const terminal = open(`trap : INT QUIT; ${command}; echo "code=$?"`);
      await terminal.see("ready");
      terminal.type(key);
      await terminal.see("caught=");
      await terminal.see("code=9");
      return (await terminal.end()).screen;
    };
    const screens = await Promise.all([
      interrupt("", "\x03"),
      interrupt("</dev/null >out 2>&1", "\x03"),
      interrupt("", "\x1c"),
    ]);
    for (const screen of screens) expect(screen).toContain("caught=1.");
  });
});
