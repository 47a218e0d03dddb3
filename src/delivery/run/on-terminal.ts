import { NotStartedError, notStarted } from "./not-started.js";
import type { Program } from "./not-started.js";
import type { OpenMask } from "./masks.js";
import { openOutlet } from "./outlet.js";
import type { Outlet } from "./outlet.js";
import { loadPtyBinding } from "./pty-binding.js";
import { openSlave, readPty } from "./pty-reader.js";
import { passOnKeys } from "./terminal-input.js";

interface End {
  readonly code: number;
  readonly signal: number;
}

/** A program in a session of its own, on a pseudo-terminal. */
export interface OnTerminal {
  readonly pid: number;
  /** Resolves when all it printed is written and our terminal is as it was. */
  readonly ended: Promise<number>;
}

/** How execvp(3) failing is said on the new terminal. */
const failurePattern = /^execvp\(3\) failed\.: (.+)\r\n$/;

/** Those texts of strerror(3) that {@link notStarted} says in its own words. */
const errnoOfText: Readonly<Partial<Record<string, string>>> = {
  "No such file or directory": "ENOENT",
  "Permission denied": "EACCES",
  "Argument list too long": "E2BIG",
  "Not a directory": "ENOTDIR",
  "Is a directory": "EISDIR",
  "Too many levels of symbolic links": "ELOOP",
  "Text file busy": "ETXTBSY",
};

class ExecFailure extends Error {
  readonly code: string | undefined;

  constructor(text: string) {
    super(text);
    this.code = errnoOfText[text];
  }
}

/**
 * Starts a program whose three streams are a pseudo-terminal, between it and our own: it sees a terminal of our size, gets
 * what is typed, and what it prints is masked.
 *
 * @throws UnavailableError without the native part; NotStartedError, also from `ended`
 */
export async function startOnTerminal(program: Program, openMask: OpenMask): Promise<OnTerminal> {
  const [file = "", ...args] = program.command;
  if (file === "") throw new NotStartedError("the name of the program is empty", 127);
  const { binding, helper } = await loadPtyBinding();
  const variables = Object.entries(program.environment).map(([name, value]) => `${name}=${value}`);
  let exit: (end: End) => void = ignore;
  const exited = new Promise<End>((resolve) => {
    exit = resolve;
  });
  const [columns, rows] = process.stdout.getWindowSize();
  const onExit = (code: number, signal: number): void => exit({ code, signal });
  const forked = binding.fork(file, args, variables, process.cwd(), columns, rows, -1, -1, true, helper, onExit);
  const { pid, pty: path } = forked;
  const reader = readPty(forked.fd, openSlave(path), (source) => withoutFailure(openOutlet(1, openMask, source)));
  const resize = (): void => binding.resize(forked.fd, ...process.stdout.getWindowSize());
  process.stdout.on("resize", resize);
  const restore = passOnKeys({ pid, path, typed: reader.stream, resize });
  const ended = async (): Promise<number> => {
    try {
      const { code, signal } = await exited;
      process.stdout.off("resize", resize);
      const failure = await reader.finish();
      if (code === 1 && failure instanceof ExecFailure) throw notStarted(program, failure);
      return signal === 0 ? code : 128 + signal;
    } finally {
      restore();
    }
  };
  return { pid, ended: ended() };
}

/** Holds back the message of a program that was never started, if it is all that is printed: it is said in our words. */
function withoutFailure(outlet: Outlet): Outlet {
  let held: Uint8Array | undefined;
  let text: string | undefined;
  const release = (): void => {
    if (held !== undefined) outlet.write(held);
    held = undefined;
  };
  const write = (chunk: Uint8Array): void => {
    const first = text === undefined;
    text ??= failurePattern.exec(Buffer.from(chunk.subarray(0, 200)).toString())?.[1] ?? "";
    if (first && text !== "") {
      held = chunk;
      return;
    }
    release();
    outlet.write(chunk);
  };
  return { ...outlet, write, end: async () => (held === undefined ? outlet.end() : new ExecFailure(text ?? "")) };
}

function ignore(): void {}
