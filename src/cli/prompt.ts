import { CancelledError, InvalidInputError } from "../errors.js";
import { canPrompt, say } from "./terminal.js";

const keys = {
  interrupt: 0x03,
  endOfInput: 0x04,
  backspace: 0x08,
  lineFeed: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  rubout: 0x7f,
};

/**
 * Asks for one line without echoing it. Backspace and Ctrl-U work.
 *
 * @throws InvalidInputError without a terminal, or when several lines were pasted; CancelledError on Ctrl-C or Ctrl-D
 */
export async function askHidden(question: string): Promise<Uint8Array> {
  requireTerminal(question);
  process.stderr.write(`${question}: `);
  const line = await readRaw();
  process.stderr.write("\n");
  return line;
}

/** Asks a yes-or-no question. `yes` answers it. @throws InvalidInputError without a terminal and without `yes` */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  requireTerminal(question);
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function requireTerminal(question: string): void {
  if (canPrompt()) return;
  throw new InvalidInputError(`there is no terminal to ask on: ${question}`, {
    hint: "give the answer as an option: --stdin or --file for a value, --yes for a confirmation",
  });
}

async function readRaw(): Promise<Uint8Array> {
  const input = process.stdin;
  input.setRawMode(true);
  input.resume();
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const line: number[] = [];
      input.on("data", (chunk: Buffer) => {
        for (const [index, byte] of chunk.entries()) {
          if (byte === keys.interrupt || (byte === keys.endOfInput && line.length === 0)) {
            reject(new CancelledError("cancelled at the prompt; nothing was changed"));
            return;
          }
          if (byte === keys.enter || byte === keys.lineFeed) {
            if (index < chunk.length - 1) reject(severalLines());
            else resolve(Uint8Array.from(line));
            return;
          }
          if (byte === keys.backspace || byte === keys.rubout) dropCharacter(line);
          else if (byte === keys.clear) line.length = 0;
          else line.push(byte);
        }
      });
      input.on("end", () => reject(new CancelledError("the input ended at the prompt; nothing was changed")));
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

function severalLines(): InvalidInputError {
  say("");
  return new InvalidInputError("more than one line was pasted; nothing was changed", {
    hint: "give a value of several lines with --stdin or --file",
  });
}
