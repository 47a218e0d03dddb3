import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Whether the terminal sends what is typed to our process group, and so to the child as well, even when the standard
 * streams are redirected. Source: proc(5), fields 5 (group) and 8 (the terminal's foreground group) of `stat`; elsewhere a
 * terminal on one of the streams is taken for the same.
 */
export function isInForeground(): boolean {
  try {
    const status = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return [0, 1, 2].some((descriptor) => isatty(descriptor));
  }
}
