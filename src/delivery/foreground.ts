import { readFileSync } from "node:fs";
import { isTerminal } from "../process/is-terminal.js";

/** Where this process stands with its controlling terminal. */
export type TerminalPlace = "foreground" | "background" | "none";

/**
 * Whether there is a controlling terminal, and whether it sends what is typed to our process group, and so to a child in
 * the same group as well, even when the standard streams are redirected. Source: proc(5), fields 5 (group), 7 (terminal) and
 * 8 (the terminal's foreground group) of `stat`; elsewhere a terminal on one of the streams is taken for the foreground.
 */
export function terminalPlace(): TerminalPlace {
  try {
    const status = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , terminal, foreground] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    if (terminal === "0") return "none";
    return group === foreground ? "foreground" : "background";
  } catch {
    return [0, 1, 2].some(isTerminal) ? "foreground" : "none";
  }
}

/** Whether keys like Ctrl-C reach this process's group. */
export function isInForeground(): boolean {
  return terminalPlace() === "foreground";
}
