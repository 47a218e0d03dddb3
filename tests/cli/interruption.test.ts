import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

const configuration = `version: 1
stores: { red: { backend: gopass, program: ./gopass } }
refs: { first_key: { store: red, path: first_key, policy: default } }
policies: { default: { allowed_principals: [developer], actions: [read, write] } }
audit: { path: audit.jsonl }
identity: { environment: dev, role: developer }
`;

/** What gpg says of a decryption that went well. */
const decrypted = "printf '[GNUPG:] %s\\n' DECRYPTION_OKAY GOODMDC END_DECRYPTION >&3";

/** A trusted store whose gopass lists one entry, and waits before it shows it. */
async function useWaiting(shows: string) {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  writeFileSync(file("mxm-secrets.yaml"), configuration);
  writeFileSync(
    file("gopass"),
    `#!/bin/sh
case "$1" in
  --version) echo "gopass 1.16.1"; exit ;;
  ls) echo first_key; exit ;;
esac
echo $$ > ${file("pid")}
${shows}
`,
  );
  chmodSync(file("gopass"), 0o755);
  expect((await project.run(["trust", "--yes"])).status).toBe(0);
  const waiting = async (): Promise<number> => {
    while (!existsSync(file("pid")) || readFileSync(file("pid"), "utf8") === "") await pause();
    const pid = Number(readFileSync(file("pid"), "utf8"));
    rmSync(file("pid"));
    return pid;
  };
  return { ...project, waiting };
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("a signal that ends the command ends the gopass it waits for", { timeout }, async () => {
  const { start, waiting, run } = await useWaiting("exec sleep 60");
  const codes = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;
  for (const signal of ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const) {
    for (const argv of [
      ["get", "first_key"],
      ["run", "--all", "--", "echo", "started"],
    ]) {
      const child = start(argv, "pipe");
      const ended = endOf(child);
      const pid = await waiting();
      child.kill(signal);
      const { status, stdout, stderr } = await ended;
      expect({ argv, status, stdout, stderr }).toEqual({
        argv,
        status: codes[signal],
        stdout: "",
        stderr: "",
      });
      expect(runs(pid)).toBe(false);
    }
  }
  expect((await run(["audit", "verify"])).status).toBe(0);
});

test("a gopass that does not listen is ended as well", { timeout }, async () => {
  const { start, waiting } = await useWaiting("trap '' TERM INT; sleep 60; sleep 60");
  const child = start(["get", "first_key"], "pipe");
  const ended = endOf(child);
  const pid = await waiting();
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ status: 143, stdout: "", stderr: "" });
  expect(child.signalCode).toBe("SIGTERM");
  expect(runs(pid)).toBe(false);
});

test("what waits for nothing ends at once, and a child of run gets each signal once", { timeout }, async () => {
  const { start, directory } = await useWaiting(`${decrypted}; echo value`);
  const input = start(["set", "first_key", "--stdin"], ["pipe", "ignore", "ignore"]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  input.kill("SIGTERM");
  await once(input, "exit");
  expect(input.signalCode).toBe("SIGTERM");
  const file = join(directory, "child.cjs");
  writeFileSync(
    file,
    `let caught = 0;
const end = () => { console.log(caught); process.exit(9); };
// A second one would come while it waits.
process.on("SIGTERM", () => { if (++caught === 1) setTimeout(end, 500); });
setTimeout(end, 50_000);
console.log("ready");`,
  );
  const child = start(["run", "--only", "first_key", "--", process.execPath, file], "pipe");
  child.stdout?.once("data", () => child.kill("SIGTERM"));
  expect(await endOf(child)).toMatchObject({ status: 9, stdout: "ready\n1\n", stderr: "" });
});

describe.skipIf(!mayRun)("on a terminal", () => {
  test("Ctrl-C ends gopass, which has a process group of its own", { timeout }, async () => {
    const project = await useWaiting("exec sleep 60");
    const terminal = openTerminal(project, 'trap : INT; mxm-secrets get first_key; echo "code=$?"');
    const pid = await project.waiting();
    terminal.type("\x03");
    await terminal.see("code=130");
    await terminal.end();
    expect(runs(pid)).toBe(false);
  });

  test("gopass is told the terminal, for a passphrase, unless it is told another", { timeout }, async () => {
    const project = await useWaiting(`${decrypted}; echo "[$GPG_TTY]"`);
    const tty = "tty=$(tty); ";
    const script = `${tty} mxm-secrets get first_key | grep -qF "[$tty]" && echo "found=$?"; echo | GPG_TTY=other mxm-secrets get first_key`;
    const terminal = openTerminal(project, script);
    await terminal.see("found=0");
    await terminal.see("[other]");
    expect((await terminal.end()).status).toBe(0);
  });
});
