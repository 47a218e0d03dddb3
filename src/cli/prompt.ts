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
/** How long nothing more of a paste arrives when it is over. */
const quietMilliseconds = 100;

/** What is true when a prompt is left, for its messages. */
const unchanged = "nothing was changed";

/** What a stretch of hidden prompts knows while none of them is open. */
interface Hiding {
  /** How somebody left meanwhile: by Ctrl-C, or by closing the terminal. */
  left: "interrupted" | "ended" | undefined;
}
let hiding: Hiding | undefined;

/**
 * Keeps what is typed hidden from the first of several prompts to the last, also while what was entered is being stored.
 * What is typed between two prompts belongs to none of them and is dropped; Ctrl-C counts at the next one.
 */
export async function hideTyping<T>(work: () => Promise<T>): Promise<T> {
  requireTerminal("hidden values", "give them with --stdin or --from");
  const input = process.stdin;
  const here: Hiding = { left: undefined };
  hiding = here;
  hideKeys();
  dropTyping(here);
  try {
    return await work();
  } finally {
    hiding = undefined;
    input.removeAllListeners("data");
    input.removeAllListeners("end");
    showKeys();
    input.pause();
  }
}

/** Node puts the terminal back before SIGINT and SIGTERM end it, and before no other signal. */
const otherEndings = ["SIGHUP", "SIGQUIT"] as const;

function hideKeys(): void {
  process.stdin.setRawMode(true);
  for (const signal of otherEndings) process.off(signal, endVisibly).on(signal, endVisibly);
}

function showKeys(): void {
  for (const signal of otherEndings) process.off(signal, endVisibly);
  process.stdin.setRawMode(false);
}

function endVisibly(signal: NodeJS.Signals): void {
  showKeys();
  process.kill(process.pid, signal);
}

function dropTyping(here: Hiding): void {
  process.stdin.on("data", (chunk: Buffer) => {
    if (chunk.includes(keys.interrupt)) here.left ??= "interrupted";
  });
  process.stdin.on("end", () => (here.left ??= "ended"));
  process.stdin.resume();
}

/**
 * Asks for one line without echoing it. Backspace and Ctrl-U work.
 *
 * @param kept - what is so when the prompt is left without an answer, for the messages
 * @throws InvalidInputError without a terminal, when several lines were pasted, or for a key that is no text;
 *   CancelledError on Ctrl-C or Ctrl-D
 */
export async function askHidden(question: string, kept = unchanged): Promise<Uint8Array> {
  requireTerminal(question, "give the value with --stdin or --file");
  try {
    return await readRaw(`${question}: `, kept);
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

async function readRaw(prompt: string, kept: string): Promise<Uint8Array> {
  const input = process.stdin;
  if (hiding !== undefined) {
    // What was typed before the prompt is still on its way through the event loop.
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (hiding.left !== undefined) throw hiding.left === "ended" ? ended(kept) : interrupted(kept);
    input.removeAllListeners("data");
    input.removeAllListeners("end");
  }
  // Whoever sees the prompt may type at once: nothing must be echoed by then.
  hideKeys();
  process.stderr.write(prompt);
  input.resume();
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const line: number[] = [];
      input.on("data", (chunk: Buffer) => {
        for (const [index, byte] of chunk.entries()) {
          if (byte === keys.interrupt) return reject(interrupted(kept));
          if (byte === keys.endOfInput && line.length === 0) return reject(ended(kept));
          if (byte === keys.enter || byte === keys.lineFeed) {
            if (index === chunk.length - 1) return resolve(Uint8Array.from(line));
            return swallowRest(input, () => reject(severalLines(kept)));
          }
          if (byte === keys.backspace || byte === keys.rubout) dropCharacter(line);
          else if (byte === keys.clear) line.length = 0;
          else if (byte < firstPrintable && byte !== keys.tab) return reject(noText(kept));
          else line.push(byte);
        }
      });
      input.on("end", () => reject(ended(kept)));
    });
  } finally {
    input.removeAllListeners("data");
    input.removeAllListeners("end");
    if (hiding === undefined) {
      showKeys();
      input.pause();
    } else {
      dropTyping(hiding);
    }
  }
}

/** The rest of what was pasted must not reach the shell, which would run it and keep it in its history. */
function swallowRest(input: NodeJS.ReadStream, then: () => void): void {
  input.removeAllListeners("data");
  let quiet = setTimeout(then, quietMilliseconds);
  input.on("data", () => {
    clearTimeout(quiet);
    quiet = setTimeout(then, quietMilliseconds);
  });
}

/** Removes the last UTF-8 character: its continuation bytes, then its first. */
function dropCharacter(line: number[]): void {
  while (line.length > 0 && ((line.at(-1) ?? 0) & 0xc0) === 0x80) line.pop();
  line.pop();
}

function interrupted(kept = unchanged): InterruptedError {
  return new InterruptedError(`cancelled at the prompt; ${kept}`, "SIGINT");
}

function ended(kept = unchanged): CancelledError {
  return new CancelledError(`the input ended at the prompt; ${kept}`);
}

/** With several prompts, one value has a command of its own. */
function otherWay(doIt: string): string {
  return hiding === undefined ? `${doIt} with --stdin or --file` : `${doIt} with \`mxm-secrets set NAME --file FILE\``;
}

function severalLines(kept: string): InvalidInputError {
  return new InvalidInputError(`more than one line was pasted; ${kept}`, {
    hint: otherWay("give a value of several lines"),
  });
}

/** An arrow key or another that would stand in the value unseen. */
function noText(kept: string): InvalidInputError {
  return new InvalidInputError(`a key was pressed that is no text; ${kept}`, {
    hint: otherWay("type it again, or give the value"),
  });
}
