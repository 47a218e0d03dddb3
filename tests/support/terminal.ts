import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Machine } from "./project.js";

/** Whether `script` of util-linux is here, which gives a program a pseudo-terminal; CI must not go without. */
export const mayRun = process.env["CI"] !== undefined || spawnSync("script", ["--version"]).status === 0;

/** A shell in a pseudo-terminal. */
export interface Terminal {
  /** Waits until the text appears on the screen after what was waited for before. */
  readonly see: (text: string) => Promise<void>;
  /** What was on the screen up to what was waited for last. */
  readonly seen: () => string;
  /** Types; `\x03` is Ctrl-C. */
  readonly type: (keys: string) => void;
  /** Waits for the end. @returns the exit code and all that was on the screen */
  readonly end: () => Promise<{ readonly status: number; readonly screen: string }>;
}

const patienceMilliseconds = 50_000;

/** Runs a line of shell on a terminal of its own. */
export function openTerminal(
  { directory, environment }: Pick<Machine, "directory" | "environment">,
  script: string,
): Terminal {
  const child = spawn("script", ["-qec", script, "/dev/null"], {
    cwd: directory,
    env: { ...environment, SHELL: "/bin/sh", TERM: "xterm" },
    stdio: "pipe",
  });
  let screen = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => (screen += text));
  child.stdin.on("error", () => undefined);
  const closed = once(child, "close");
  const see = async (text: string): Promise<void> => {
    const end = Date.now() + patienceMilliseconds;
    for (;;) {
      const at = screen.indexOf(text, seen);
      if (at !== -1) {
        seen = at + text.length;
        return;
      }
      if (Date.now() > end)
        throw new Error(`expected ${JSON.stringify(text)} in ${JSON.stringify(screen.slice(seen))}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    see,
    seen: () => screen.slice(0, seen),
    type: (keys) => void child.stdin.write(keys),
    end: async () => {
      await closed;
      return { status: child.exitCode ?? -1, screen };
    },
  };
}
