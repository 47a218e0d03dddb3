import { fstatSync } from "node:fs";

/**
 * Whether a descriptor of this process is a terminal. `node:tty` brings the network code with it, so that it is loaded only
 * for what may be one.
 */
export function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}
