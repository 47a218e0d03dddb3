import { UnavailableError } from "../errors.js";
import type { PipedProgram } from "../process/piped-program.js";
import { requireEnd } from "./repository.js";
import type { Repository } from "./repository.js";

/** One object of a repository while its contents pass by. */
export interface PassingObject {
  readonly id: string;
  /** What was asked for with it: the rest of its line in the request. */
  readonly label: Buffer;
  readonly type: string;
  readonly contents: AsyncIterable<Buffer>;
}

const words = ["cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)", "--buffer"];
const newline = 0x0a;
const writtenAtOnce = 32 * 1024;

/**
 * The contents of many objects through one git, piece by piece.
 *
 * @param requests - `OBJECT LABEL` lines without the newline, such as `rev-list --objects` prints; they are asked for as
 *   they come. A label has no newline.
 * @throws UnavailableError for an object that is not there: of it nobody could say what it holds
 */
export async function* readObjects(
  repository: Repository,
  requests: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<PassingObject> {
  const program = await repository.start(words);
  let isOver = false;
  const asking = ask(program, requests, () => isOver);
  // Judged below; until then nobody listens.
  asking.catch(() => program.end());
  const reader = new Pieces(program.output, () => requireEnd(program, words));
  try {
    for (let header = await reader.line(); header !== undefined; header = await reader.line()) {
      const text = header.toString("latin1");
      const [, id = "", type = "", size = "", label = ""] = /^([0-9a-f]+) ([a-z]+) (\d+) ?(.*)$/s.exec(text) ?? [];
      if (id === "") throw new UnavailableError("git has not all objects of this repository", { hint: missingHint });
      const contents = reader.take(Number(size));
      yield { id, type, label: Buffer.from(label, "latin1"), contents };
      for await (const _ of contents) continue;
      await reader.skip(1);
    }
    await asking;
    await requireEnd(program, words);
  } finally {
    isOver = true;
    // A signal that is to end this process does so when the last program has ended.
    await Promise.allSettled([program.stop(), asking]);
  }
}

const missingHint = "a partial clone keeps some objects on its server: fetch them, or scan a whole clone";

async function ask(
  program: PipedProgram,
  requests: AsyncIterable<Buffer> | Iterable<Buffer>,
  isOver: () => boolean,
): Promise<void> {
  const end = Buffer.of(newline);
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const request of requests) {
    if (isOver()) return;
    waiting.push(request, end);
    bytes += request.length;
    if (bytes < writtenAtOnce) continue;
    await program.write(Buffer.concat(waiting));
    waiting = [];
    bytes = 0;
  }
  await program.write(Buffer.concat(waiting));
  program.endInput();
}

/** The lines a git prints. The last one may lack its newline. */
export async function* linesOf(output: AsyncIterable<Buffer>, end = newline): AsyncGenerator<Buffer> {
  const reader = new Pieces(output, async () => undefined);
  for (let line = await reader.line(end); line !== undefined; line = await reader.line(end)) yield line;
}

/** Reads a stream of pieces by lines and by lengths. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  readonly #judge: () => Promise<void>;
  #held: Buffer = Buffer.alloc(0);

  /** @param judge - throws what a source that ended too early ended by, when that is known */
  constructor(source: AsyncIterable<Buffer>, judge: () => Promise<void>) {
    this.#source = source[Symbol.asyncIterator]();
    this.#judge = judge;
  }

  /** @returns what stands before the next end byte, or `undefined` at the end of the stream */
  async line(end = newline): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (;;) {
      const at = this.#held.indexOf(end);
      if (at !== -1) {
        parts.push(this.#held.subarray(0, at));
        this.#held = this.#held.subarray(at + 1);
        return Buffer.concat(parts);
      }
      parts.push(this.#held);
      if (await this.#more()) continue;
      const rest = Buffer.concat(parts);
      return rest.length === 0 ? undefined : rest;
    }
  }

  /** The next bytes of the stream, in pieces; what was not taken of them is taken by taking on. */
  take(length: number): AsyncIterable<Buffer> {
    let left = length;
    const next = async (): Promise<IteratorResult<Buffer>> => {
      if (left === 0) return { done: true, value: undefined };
      if (this.#held.length === 0 && !(await this.#more())) {
        await this.#judge();
        throw new UnavailableError("git ended in the middle of an object");
      }
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      return { done: false, value: piece };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.take(length)) continue;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    this.#held = done === true ? Buffer.alloc(0) : value;
    return done !== true;
  }
}
