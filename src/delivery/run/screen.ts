import { closeSync, openSync } from "node:fs";
import type { OpenMask } from "./masks.js";
import { openOutlet } from "./outlet.js";
import type { Output } from "./output.js";
import { loadPtyBinding } from "./pty-binding.js";
import { openSlave, readPty } from "./pty-reader.js";
import { sendSignal } from "./send-signal.js";

/** A pseudo-terminal for what a program prints; it reads from where we do, and stays in our session. */
export interface Screen {
  /** What the program's output streams are to be. */
  readonly descriptor: number;
  /** A descriptor the program must not get: in its place it gets `/dev/null`. */
  readonly hidden: { readonly descriptor: number; readonly instead: number };
  /** To be called when the program has been started, or could not be. */
  readonly attach: (pid: number | undefined) => Output;
}

/**
 * Makes a screen for programs of which only some streams are a terminal, or which run in the background.
 *
 * @param ours - which of our own streams is the terminal
 * @throws UnavailableError without the native part
 */
export async function openScreen(ours: 1 | 2, openMask: OpenMask): Promise<Screen> {
  const { binding } = await loadPtyBinding();
  const window = ours === 1 ? process.stdout : process.stderr;
  const { master, slave, pty } = binding.open(...window.getWindowSize());
  const descriptor = openSlave(pty) ?? slave;
  if (descriptor !== slave) closeSync(slave);
  const instead = openSync("/dev/null", "r");
  const attach = (pid: number | undefined): Output => {
    closeSync(instead);
    const reader = readPty(master, descriptor, (source) => openOutlet(ours, openMask, source));
    const resize = (): void => {
      binding.resize(master, ...window.getWindowSize());
      // The program has been told by our own terminal, maybe before its screen had the new size.
      if (pid !== undefined) sendSignal(pid, "SIGWINCH");
    };
    window.on("resize", resize);
    return {
      finish: async () => {
        window.off("resize", resize);
        await reader.finish();
      },
    };
  };
  return { descriptor, hidden: { descriptor: master, instead }, attach };
}
