import { CancelledError, InvalidInputError } from "../errors.js";
import { InterruptedError } from "./interrupted.js";
import { canPrompt, say } from "./terminal.js";

const keys = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  tab: 0x09,
  lineFeed: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  rubout: 0x7f,
};
const firstPrintable = 0x20;

/**
 * Asks for one line without echoing it. Backspace and Ctrl-U work.
 *
 * @throws InvalidInputError without a terminal, when several lines were pasted, or for a key that is no text;
 *   CancelledError on Ctrl-C or Ctrl-D
 */
export async function askHidden(question: string): Promise<Uint8Array> {
  requireTerminal(question, "give the value with --stdin or --file");
  try {
    return await readRaw(`${question}: `);
  } finally {
    process.stderr.write("\n");
  }
}

/**
 * Asks a yes-or-no question. `yes` answers it.
 *
 * @throws InvalidInputError without a terminal and without `yes`; CancelledError on Ctrl-C or Ctrl-D
 */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  requireTerminal(question, "--yes answers it");
  const { createInterface } = await import("node:readline");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      terminal.once("SIGINT", () => reject(interrupted()));
      terminal.once("close", () => reject(ended()));
      terminal.question(`${question} [y/N] `, resolve);
    });
    return /^y(es)?$/i.test(answer.trim());
  } catch (thrown) {
    say("");
    throw thrown;
  } finally {
    terminal.close();
  }
}

function requireTerminal(question: string, hint: string): void {
  if (canPrompt()) return;
  throw new InvalidInputError(`there is no terminal to ask on: ${question}`, { hint });
}

async function readRaw(prompt: string): Promise<Uint8Array> {
  const input = process.stdin;
  // Whoever sees the prompt may type at once: nothing must be echoed by then.
  input.setRawMode(true);
  process.stderr.write(prompt);
  input.resume();
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const line: number[] = [];
      input.on("data", (chunk: Buffer) => {
        for (const [index, byte] of chunk.entries()) {
          if (byte === keys.interrupt) return reject(interrupted());
          if (byte === keys.endOfInput && line.length === 0) return reject(ended());
          if (byte === keys.enter || byte === keys.lineFeed) {
            return index < chunk.length - 1 ? reject(severalLines()) : resolve(Uint8Array.from(line));
          }
          if (byte === keys.backspace || byte === keys.rubout) dropCharacter(line);
          else if (byte === keys.clear) line.length = 0;
          else if (byte < firstPrintable && byte !== keys.tab) return reject(noText());
          else line.push(byte);
        }
      });
      input.on("end", () => reject(ended()));
    });
  } finally {
    input.removeAllListeners("data");
    input.removeAllListeners("end");
    input.setRawMode(false);
    input.pause();
  }
}

/** Removes the last UTF-8 character: its continuation bytes, then its first. */
function dropCharacter(line: number[]): void {
  while (line.length > 0 && ((line.at(-1) ?? 0) & 0xc0) === 0x80) line.pop();
  line.pop();
}

function interrupted(): InterruptedError {
  return new InterruptedError("cancelled at the prompt; nothing was changed", "SIGINT");
}

function ended(): CancelledError {
  return new CancelledError("the input ended at the prompt; nothing was changed");
}

function severalLines(): InvalidInputError {
  return new InvalidInputError("more than one line was pasted; nothing was changed", {
    hint: "give a value of several lines with --stdin or --file",
  });
}

/** An arrow key or another that would stand in the value unseen. */
function noText(): InvalidInputError {
  return new InvalidInputError("a key was pressed that is no text; nothing was changed", {
    hint: "type it again, or give the value with --stdin or --file",
  });
}
