import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { withLock } from "../../src/files/lock.js";
import { endOf, useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

async function useEditor() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "before" });
  const note = join(project.directory, "note");
  const come = async (): Promise<string> => {
    while (!existsSync(note) || !readFileSync(note, "utf8").endsWith("\n")) await pause();
    return readFileSync(note, "utf8").trim();
  };
  return {
    ...project,
    /** The file the editor was given, once it has begun and changed it. */
    edited: come,
    /** Words of a shell that change the file, say where it is, and go on. */
    editor: (then: string) => ({ EDITOR: `f() { printf after > "$1"; echo "$1" > ${note}; ${then}; }; f` }),
    value: async () => (await project.run(["get", "first_key", "-n"])).stdout,
  };
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

test("any signal that ends edit removes the value first, and changes nothing", { timeout }, async () => {
  const { start, editor, edited, value, directory } = await useEditor();
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"] as const) {
    const child = start(["edit", "first_key"], "ignore", { env: editor("sleep 5") });
    const file = await edited();
    expect(readFileSync(file, "utf8")).toBe("after");
    child.kill(signal);
    await once(child, "exit");
    expect({ signal, by: child.signalCode, left: existsSync(dirname(file)) }).toEqual({
      signal,
      by: signal,
      left: false,
    });
    writeFileSync(join(directory, "note"), "");
  }
  expect(await value()).toBe("before");
});

test("the value lies nowhere while edit waits for the store", { timeout }, async () => {
  const { start, editor, edited, value, directory } = await useEditor();
  let ended: ReturnType<typeof endOf> | undefined;
  await withLock(join(directory, "secrets.enc"), async () => {
    const child = start(["edit", "first_key"], "pipe", { env: editor("true") });
    ended = endOf(child);
    const file = await edited();
    while (existsSync(dirname(file))) await pause();
    expect(child.exitCode).toBeNull();
  });
  expect(await ended).toMatchObject({ status: 0, stderr: "" });
  expect(await value()).toBe("after");
});

test("an editor that removes the file, or is ended, changes nothing", { timeout }, async () => {
  const { run, editor, value } = await useEditor();
  const removed = await run(["edit", "first_key"], { env: editor('rm "$1"') });
  expect(removed.status).toBe(4);
  expect(removed.stderr).toMatch(/^mxm-secrets: cannot read `\/.+`: no such file or directory\n {2}the editor removed/);
  expect(await run(["edit", "first_key"], { env: editor("kill -INT $$") })).toMatchObject({
    status: 130,
    stderr: "mxm-secrets: the editor was ended by SIGINT; nothing was changed\n",
  });
  expect(await run(["edit", "first_key"], { env: editor("kill -KILL $$") })).toMatchObject({ status: 4 });
  expect(await value()).toBe("before");
});

describe.skipIf(!mayRun)("on a terminal", () => {
  test("Ctrl-C is the editor's, and the value is gone when that ends it", { timeout }, async () => {
    const project = await useEditor();
    const { EDITOR } = project.editor("echo ready; sleep 5");
    const terminal = openTerminal(
      { ...project, environment: { ...project.environment, EDITOR } },
      'trap : INT; mxm-secrets edit first_key; echo "code=$?"',
    );
    await terminal.see("ready");
    const file = await project.edited();
    terminal.type("\x03");
    await terminal.see("code=130");
    await terminal.end();
    expect(existsSync(dirname(file))).toBe(false);
    expect(await project.value()).toBe("before");
  });

  test("an editor that goes on after Ctrl-C keeps its file, and what it leaves is stored", { timeout }, async () => {
    const project = await useEditor();
    const { EDITOR } = project.editor("trap 'echo caught' INT; echo ready; sleep 1; sleep 0.1; echo over");
    const terminal = openTerminal(
      { ...project, environment: { ...project.environment, EDITOR } },
      'trap : INT; mxm-secrets edit first_key; echo "code=$?"',
    );
    await terminal.see("ready");
    terminal.type("\x03");
    await terminal.see("caught");
    await terminal.see("code=0");
    await terminal.end();
    expect(existsSync(dirname(await project.edited()))).toBe(false);
    expect(await project.value()).toBe("after");
  });
});
