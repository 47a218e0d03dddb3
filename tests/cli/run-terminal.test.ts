import { piecesOf } from "../../scripts/bundle.mjs";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;
const value = "the-value-of-the-first-key";

/** A project with `first_key`, and shell lines on terminals in it, where `run` stands for the command under test. */
async function useTerminal() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: value });
  const open = (script: string) =>
    openTerminal(project, `run() { mxm-secrets run --only first_key -- "$@"; }; ${script}`);
  return { ...project, open };
}

/** Says the exit code, and how the terminal was left. */
const afterwards = '; echo "code=$?"; stty -a';
const sane =
  /(?<!-)\bisig\b[^]*(?<!-)\bicanon\b[^]*(?<!-)\becho\b[^]*(?<!-)\bopost\b|(?<!-)\bopost\b[^]*(?<!-)\bisig\b[^]*(?<!-)\bicanon\b[^]*(?<!-)\becho\b/;

describe.skipIf(!mayRun)("run on a terminal", () => {
  test(
    "gives the command a terminal of its own, of the same size and kind, and masks what it shows",
    { timeout },
    async () => {
      const { open } = await useTerminal();
      const script =
        'test -t 0 && test -t 1 && test -t 2; echo "tty=$? $TERM $(stty size)"; printf "\\033[31m%s\\033[0m\\n" "$FIRST_KEY"; exit 7';
      const terminal = open(`stty cols 91 rows 33; run sh -c '${script}'${afterwards}`);
      await terminal.see("tty=0 xterm 33 91\r\n");
      await terminal.see("\x1b[31m[secret first_key]\x1b[0m\r\n");
      await terminal.see("code=7");
      const { screen } = await terminal.end();
      expect(screen).toMatch(sane);
      expect(screen).not.toContain(value);
    },
  );

  test("tells the command when the window changes its size", { timeout }, async () => {
    const { open } = await useTerminal();
    const script = 'trap "stty size" WINCH; echo ready; read -r line; while :; do sleep 0.05; done';
    const terminal = open(`echo "at=$(tty)."; run sh -c '${script}'${afterwards}`);
    await terminal.see("ready");
    const [, path = ""] = /at=(.*?)\./.exec(terminal.seen()) ?? [];
    terminal.type("\r");
    execFileSync("stty", ["-F", path, "cols", "77", "rows", "22"]);
    await terminal.see("22 77");
    terminal.type("\x03");
    await terminal.see("code=130");
    expect((await terminal.end()).screen).toMatch(sane);
  });

  test(
    "what is typed reaches the command; it decides what is shown, and a value is masked there, too",
    { timeout },
    async () => {
      const { open } = await useTerminal();
      const script =
        'printf "name: "; read -r name; stty -echo; printf "hidden: "; read -r hidden; stty echo; echo "/$name/${#hidden}/"';
      const terminal = open(`run sh -c '${script}'${afterwards}`);
      await terminal.see("name: ");
      terminal.type(`${value}\r`);
      await terminal.see("[secret first_key]");
      await terminal.see("hidden: ");
      terminal.type("not shown\r");
      await terminal.see("/[secret first_key]/9/");
      await terminal.see("code=0");
      const { screen } = await terminal.end();
      expect(screen).not.toMatch(/not shown|the-value-of/);
      expect(screen).toMatch(sane);
    },
  );

  test("Ctrl-Z stops the command as a job of the shell, and fg continues it", { timeout }, async () => {
    const { open } = await useTerminal();
    const terminal = open("PS1='$ ' exec bash --norc -i");
    await terminal.see("$ ");
    terminal.type(
      'mxm-secrets run --only first_key -- sh -c \'echo rea""dy; read -r line; echo "got/$line/"; exit 4\'\r',
    );
    await terminal.see("ready");
    terminal.type("\x1a");
    await terminal.see("Stopped");
    terminal.type("stty -a | grep -o '[ -]icanon' | tr ' -' '+='; jobs\r");
    await terminal.see("+icanon");
    await terminal.see("Stopped");
    terminal.type("fg\r");
    await terminal.see("mxm-secrets run");
    terminal.type("hello\r");
    await terminal.see("got/hello/");
    await terminal.see("$ ");
    terminal.type('echo "code=$?"; exit\r');
    await terminal.see("code=4");
    expect((await terminal.end()).screen).not.toContain(value);
  });

  test("a shell of one's own inside has its jobs, and Ctrl-C goes to them", { timeout }, async () => {
    const { open } = await useTerminal();
    const terminal = open(`run env PS1='in> ' bash --norc -i${afterwards}`);
    await terminal.see("in> ");
    terminal.type("sleep 60\r");
    terminal.type("\x03");
    await terminal.see("in> ");
    terminal.type(`sh -c 'echo in-front-"of"; sleep 60'\r`);
    await terminal.see("in-front-of");
    terminal.type("\x1a");
    await terminal.see("Stopped");
    terminal.type("kill %1; exit 5\r");
    terminal.type("exit 5\r");
    await terminal.see("code=5");
    expect((await terminal.end()).screen).toMatch(sane);
  });

  test("nothing of a large output is lost at the end", { timeout }, async () => {
    const { open } = await useTerminal();
    const terminal = open(`run sh -c 'head -c 5000000 /dev/zero | tr "\\0" x; exit 3'${afterwards}`);
    await terminal.see("code=3");
    const { screen } = await terminal.end();
    expect(screen.match(/x{1000,}/)?.[0].length).toBe(5_000_000);
  });

  test("a warning waits until the screen is ours again", { timeout }, async () => {
    const { open, run } = await useTerminal();
    await run(["set", "pin", "--stdin"], { input: "123" });
    const terminal = open(`mxm-secrets run --only pin -- sh -c 'echo one; sleep 0.1; echo two'${afterwards}`);
    await terminal.see("one\r\ntwo\r\nmxm-secrets: the value of pin is shorter than 4 characters");
    await terminal.see("code=0");
    expect((await terminal.end()).screen).toMatch(sane);
  });

  test("signals and failures to start leave the terminal as it was", { timeout }, async () => {
    const { open } = await useTerminal();
    const ended = async (script: string, ...seen: readonly string[]) => {
      const terminal = open(`${script}${afterwards}`);
      for (const text of seen) await terminal.see(text);
      expect((await terminal.end()).screen).toMatch(sane);
    };
    await Promise.all([
      ended("run no-such-program", "mxm-secrets: there is no program `no-such-program`", "code=127"),
      ended("run ./mxm-secrets.yaml", "mxm-secrets: `./mxm-secrets.yaml` cannot be run: permission denied", "code=126"),
      ended("run sh -c 'kill -TERM $PPID; sleep 60'", "code=143"),
      ended("run sh -c 'kill -HUP $PPID; sleep 60'", "code=129"),
      // dash defers SIGINT while it starts a program, and is then ended by it when the program has ended.
      ended("run sh -c 'kill -INT $PPID; sleep 5'", "code=130"),
      ended("run sh -c 'kill -KILL $$'", "code=137"),
    ]);
  });

  test(
    "streams that are redirected go where they should, masked, and the others stay on the terminal",
    { timeout },
    async () => {
      const { open, directory } = await useTerminal();
      const file = (name: string) => readFileSync(join(directory, name), "utf8");
      const script =
        'test -t 0; a=$?; test -t 1; b=$?; test -t 2; echo "out $a$b$? $FIRST_KEY"; echo "err $FIRST_KEY" >&2; read -r line; echo "line=$line"';
      const typed = async (redirection: string, ...seen: readonly string[]) => {
        const terminal = open(`run sh -c '${script}' ${redirection}${afterwards}`);
        for (const text of seen) {
          await terminal.see(text);
          terminal.type("hello\r");
        }
        await terminal.see("code=0");
        const { screen } = await terminal.end();
        expect(screen).not.toContain(value);
        expect(screen).toMatch(sane);
      };
      await typed("2>err", "out 001 [secret first_key]", "line=hello");
      expect(file("err")).toBe("err [secret first_key]\n");
      await typed(">out", "err [secret first_key]");
      expect(file("out")).toBe("out 010 [secret first_key]\nline=hello\n");
      await typed("</dev/null", "out 100 [secret first_key]", "err [secret first_key]", "line=");
      await typed("2>&1 | cat", "out 011 [secret first_key]", "err [secret first_key]", "line=hello");
    },
  );

  test("in the background it prints without touching the terminal", { timeout }, async () => {
    const { open } = await useTerminal();
    const terminal = open(`set -m; run sh -c 'echo "$FIRST_KEY"; exit 6' & wait $!${afterwards}`);
    await terminal.see("[secret first_key]");
    await terminal.see("code=6");
    expect((await terminal.end()).screen).toMatch(sane);
  });

  test("without the native part nothing is printed unmasked: it says what is missing", { timeout }, async () => {
    const { open, root, directory } = await useTerminal();
    const installed = realpathSync(join(root, "bin/mxm-secrets"));
    copyFileSync(installed, join(directory, "alone.cjs"));
    copyFileSync(piecesOf(installed), join(directory, "alone.pieces"));
    writeFileSync(join(directory, "started"), "");
    const alone = "node alone.cjs run --only first_key";
    const terminal = open(
      `${alone} -- sh -c 'echo no > started'; echo "code=$?"; ${alone} --no-masking -- sh -c 'echo "len=\${#FIRST_KEY}"'`,
    );
    await terminal.see(
      "mxm-secrets: output on a terminal cannot be masked: the package `@lydell/node-pty` cannot be loaded",
    );
    await terminal.see("--no-masking");
    await terminal.see("code=4");
    await terminal.see(`len=${value.length}`);
    await terminal.end();
    expect(readFileSync(join(directory, "started"), "utf8")).toBe("");
  });
});
