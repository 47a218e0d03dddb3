import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInForeground } from "../delivery/foreground.js";
import { quote, UnavailableError } from "../errors.js";
import { errnoInWords, fileError } from "../files/errno.js";
import { endingSignalNames, InterruptedError } from "./interrupted.js";
import type { EndingSignal } from "./interrupted.js";
import { say } from "./terminal.js";

const memoryDirectory = "/dev/shm";

/**
 * What a person makes of a value in an editor. The file it lies in meanwhile is private, in memory where there is such a
 * file system, and gone when this returns, throws, or a signal ends the process.
 *
 * @param editor - the user's own words, run through the shell as git does, with the file as an argument
 * @throws UnavailableError when the editor fails, or the value cannot be put there; InterruptedError when one of the signals that ask to end ended it
 */
export async function editPrivately(editor: string, before: Uint8Array): Promise<Buffer> {
  const { spawn } = await import("node:child_process");
  const parent = privatePlace();
  let directory: string | undefined;
  let child: ChildProcess | undefined;
  const forget = (): void => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  const onSignal = (signal: EndingSignal): void => {
    // Typed in the terminal, it belongs to the editor, which has got it already.
    if ((signal === "SIGINT" || signal === "SIGQUIT") && isInForeground()) return;
    forget();
    child?.kill(signal);
    for (const name of endingSignalNames) process.off(name, onSignal);
    process.kill(process.pid, signal);
  };
  for (const name of endingSignalNames) process.on(name, onSignal);
  try {
    let file: string;
    try {
      directory = mkdtempSync(join(parent, "mxm-secrets-"));
      file = join(directory, "value");
      writeFileSync(file, before, { mode: 0o600, flag: "wx" });
    } catch (error) {
      throw fileError("write a file in", parent, error, "nothing was changed");
    }
    child = spawn("/bin/sh", ["-c", `${editor} "$@"`, editor, file], { stdio: "inherit" });
    await endOf(child, editor);
    return readBack(file);
  } finally {
    forget();
    for (const name of endingSignalNames) process.off(name, onSignal);
  }
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

async function endOf(child: ChildProcess, editor: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("error", (cause) => {
      reject(new UnavailableError(`the shell cannot be run: ${errnoInWords(cause)}`, { cause }));
    });
    child.once("exit", (code, signal) => {
      const ending = endingSignalNames.find((name) => name === signal);
      if (code === 0) resolve();
      else if (ending === undefined) {
        reject(new UnavailableError(`the editor ${quote(editor)} failed; nothing was changed`));
      } else reject(new InterruptedError(`the editor was ended by ${ending}; nothing was changed`, ending));
    });
  });
}

function readBack(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw fileError("read", file, thrown, "the editor removed or replaced it; nothing was changed");
  }
}
