import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError, quote, UnavailableError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import { requireSession } from "../session.js";
import { say } from "../terminal.js";

const memoryDirectory = "/dev/shm";
const newline = 0x0a;

/** `edit NAME`: the value in $VISUAL or $EDITOR, from a private file in memory that is gone afterwards. */
export async function run(args: Arguments): Promise<number> {
  const session = await requireSession(args);
  const request = session.ask(args.positionals[0] ?? "");
  const { secretName } = session.api.explain(request);
  await session.requireAllowed(secretName, "write");
  const editor = process.env["VISUAL"] || process.env["EDITOR"];
  if (!editor) throw new InvalidInputError("no editor is set", { hint: "set EDITOR, or use `mxm-secrets set`" });
  const before = (await session.api.openSecret(request))?.bytes() ?? new Uint8Array();
  const directory = mkdtempSync(join(privatePlace(), "mxm-secrets-"));
  const forget = () => rmSync(directory, { recursive: true, force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    forget();
    process.kill(process.pid, signal);
  };
  process.once("SIGTERM", onSignal).once("SIGHUP", onSignal);
  try {
    const file = join(directory, "value");
    writeFileSync(file, before, { mode: 0o600, flag: "wx" });
    await runEditor(editor, file);
    const after = withoutAddedNewline(readFileSync(file), before);
    if (after.equals(before)) {
      say(`mxm-secrets: ${secretName} is unchanged`);
      return 0;
    }
    await session.api.setSecret({ ...request, value: after });
    return 0;
  } finally {
    forget();
  }
}

/** Editors end a file with a newline of their own: it is no part of a value that had none. */
function withoutAddedNewline(after: Buffer, before: Uint8Array): Buffer {
  if (after.at(-1) !== newline || before.at(-1) === newline) return after;
  const isOneLine = after.indexOf(newline) === after.length - 1;
  return isOneLine || before.includes(newline) ? after.subarray(0, -1) : after;
}

/** Memory where there is such a file system, else the temporary directory, which is said. */
function privatePlace(): string {
  try {
    if (statSync(memoryDirectory).isDirectory()) return memoryDirectory;
  } catch {
    say("mxm-secrets: there is no /dev/shm here: the value lies in the temporary directory while you edit");
  }
  return tmpdir();
}

/** Ctrl-C in the terminal belongs to the editor. */
function leaveToEditor(): void {}

/** Runs the editor as git does: the user's own words through the shell, the file as an argument. */
async function runEditor(editor: string, file: string): Promise<void> {
  const { spawn } = await import("node:child_process");
  process.on("SIGINT", leaveToEditor);
  try {
    const child = spawn("/bin/sh", ["-c", `${editor} "$@"`, editor, file], { stdio: "inherit" });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("exit", resolve);
    });
    if (code !== 0) throw new UnavailableError(`the editor ${quote(editor)} failed; nothing was changed`);
  } finally {
    process.off("SIGINT", leaveToEditor);
  }
}
