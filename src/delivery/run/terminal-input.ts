import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { isInForeground } from "../foreground.js";
import { sendSignal } from "./send-signal.js";

/** A program on a pseudo-terminal of its own. */
export interface TerminalProgram {
  readonly pid: number;
  /** The path of its terminal. */
  readonly path: string;
  /** What it reads from. */
  readonly typed: Writable;
  /** Gives its terminal the size of ours. */
  readonly resize: () => void;
}

/** For programs of the system that help: nothing of ours reaches them. */
const plain = { PATH: "/usr/bin:/bin" };

const suspendKey = 0x1a;
/** For a program that wants to put the screen in order before it stops. */
const suspendMilliseconds = 100;
/** In a shell's job the stop comes at once; a process without a shell above it is not stopped and goes on after this. */
const stopMilliseconds = 50;

/**
 * Passes on every key as it is typed. Our terminal is raw meanwhile: echo, line editing and Ctrl-C are matters of the
 * program's own terminal. Ctrl-Z is ours as well where it is a key that suspends, because the kernel does not stop a
 * program that no shell above could continue.
 *
 * @returns what puts the terminal back as it was
 */
export function passOnKeys({ pid, path, typed, resize }: TerminalProgram): () => void {
  const input = process.stdin;
  let raw = false;
  const enter = (): void => {
    if (raw || !isInForeground()) return;
    raw = true;
    makeRaw();
    input.resume();
    resize();
  };
  const leave = (): void => {
    if (!raw) return;
    raw = false;
    input.pause();
    input.setRawMode(false);
  };
  const suspend = async (): Promise<void> => {
    await pause(suspendMilliseconds);
    if (!sendSignal(-pid, "SIGSTOP")) return;
    leave();
    process.kill(0, "SIGTSTP");
    await pause(stopMilliseconds);
    enter();
    sendSignal(-pid, "SIGCONT");
  };
  const onData = (chunk: Buffer): void => {
    if (!typed.write(chunk)) {
      input.pause();
      typed.once("drain", () => raw && input.resume());
    }
    if (chunk.includes(suspendKey) && suspends(path) && foregroundGroup(pid) === pid) void suspend();
  };
  input.on("data", onData);
  // The terminal is gone: SIGHUP says so as well.
  input.on("error", () => undefined);
  // After `bg` it is not ours, until `fg`.
  process.on("SIGCONT", enter);
  enter();
  return () => {
    process.off("SIGCONT", enter);
    input.off("data", onData);
    leave();
  };
}

/** Node's raw mode still adds carriage returns to what is printed, which the program's terminal has done already. */
function makeRaw(): void {
  process.stdin.setRawMode(true);
  spawnSync("stty", ["-opost"], { env: plain, stdio: ["inherit", "ignore", "ignore"] });
}

/** Whether Ctrl-Z is the key that suspends on a terminal, and no key like any other. */
function suspends(path: string): boolean {
  const { stdout } = spawnSync("stty", ["-F", path, "-a"], {
    env: plain,
    encoding: "latin1",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return /\bsusp = \^Z;/.test(stdout ?? "") && !/-isig\b/.test(stdout ?? "");
}

/** Field 8 of proc(5)'s `stat`. A shell that has given the terminal to one of its jobs looks after Ctrl-Z itself. */
function foregroundGroup(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[5]);
  } catch {
    return undefined;
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
