import { quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { removeAbandoned } from "../files/leftovers.js";
import { wouldBeAdded } from "./git-files.js";
import { endingSignalNames, InterruptedError } from "./interrupted.js";
import type { EndingSignal } from "./interrupted.js";
import { say } from "./terminal.js";

/**
 * Writes values to a file that only this user can read, whole or not at all. A signal that asks the command to end takes
 * effect when the file is there, because the half-written one beside it would stay; what a killed command left there is
 * removed. Says so when git would take the file along.
 *
 * @throws UnavailableError when it cannot be written; InterruptedError after it was written
 */
export async function writePrivateFile(file: string, data: string | Uint8Array): Promise<void> {
  let received: EndingSignal | undefined;
  const hold = (signal: EndingSignal): void => {
    received ??= signal;
  };
  for (const name of endingSignalNames) process.on(name, hold);
  try {
    removeAbandoned(file);
    writeFileAtomically(file, data, { mode: 0o600 });
    // A signal that came meanwhile is told by the event loop, which does so before its second turn ends.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const name of endingSignalNames) process.off(name, hold);
  }
  if (received === undefined) return warnUnlessIgnored(file);
  throw new InterruptedError(`${quote(file)} was written, and then the command was ended by ${received}`, received);
}

async function warnUnlessIgnored(file: string): Promise<void> {
  if (!(await wouldBeAdded(file))) return;
  say(`mxm-secrets: ${quote(file)} holds values and is not in .gitignore: \`git add\` would take them along`);
}
