import { keyLookahead } from "./key-marks.js";
import type { Mark, MarkSearch } from "./marks.js";

/** One mark on one line of what was read. */
export interface Hit {
  /** From 1; in a file that is no text, one more than the newline bytes before it. */
  readonly line: number;
  readonly mark: Mark;
}

const blockBytes = 1024 * 1024;
/** What a mark is confirmed by: whether it stands at the beginning of a line. */
const lookbehind = 1;
const newline = 0x0a;

/**
 * Looks for marks in contents of any length that come piece by piece, in a fixed amount of memory. One scan serves any
 * number of contents, one after the other: {@link ContentScan.end} makes it ready for the next.
 */
export class ContentScan {
  readonly #search: MarkSearch;
  readonly #lookahead: number;
  readonly #block: Buffer;
  #length = 0;
  /** Where in the block marks begin that were not looked for yet. */
  #start = 0;
  /** Newlines before the block. */
  #lines = 0;
  #total = 0;
  readonly #hits = new Map<string, Hit>();

  constructor(search: MarkSearch) {
    this.#search = search;
    this.#lookahead = Math.max(search.longest, keyLookahead);
    this.#block = Buffer.allocUnsafeSlow(blockBytes + this.#lookahead + lookbehind);
  }

  /** How many bytes of the present contents there were so far. */
  get bytes(): number {
    return this.#total;
  }

  /** Takes the next piece from a reader that fills a buffer. @param read - returns how many bytes, 0 at the end */
  fill(read: (buffer: Buffer, offset: number, length: number) => number): number {
    if (this.#length === this.#block.length) this.#look(this.#length - this.#lookahead);
    const count = read(this.#block, this.#length, this.#block.length - this.#length);
    this.#length += count;
    this.#total += count;
    return count;
  }

  /** Takes the next piece. */
  write(piece: Uint8Array): void {
    for (let taken = 0; taken < piece.length;) {
      taken += this.fill((buffer, offset, length) => {
        const part = piece.subarray(taken, taken + length);
        buffer.set(part, offset);
        return part.length;
      });
    }
  }

  /** The contents are complete. @returns every mark in it, once for each line and name, in the order of lines */
  end(): readonly Hit[] {
    this.#look(this.#length);
    const hits = [...this.#hits.values()];
    this.#hits.clear();
    this.#length = this.#start = this.#lines = this.#total = 0;
    return hits.toSorted((a, b) => a.line - b.line);
  }

  /** Finds the marks that begin before `limit`, and drops what is no longer needed. */
  #look(limit: number): void {
    const text = this.#block.subarray(0, this.#length);
    let line = this.#lines + 1;
    let counted = 0;
    this.#search.find(text, this.#start, (mark, at) => {
      if (at >= limit) return;
      line += newlines(text, counted, at);
      counted = at;
      const key = `${line} ${mark.name}`;
      if (!this.#hits.has(key)) this.#hits.set(key, { line, mark });
    });
    const dropped = Math.max(0, limit - lookbehind);
    if (limit < this.#length) {
      this.#lines = line - 1 + newlines(text, counted, dropped);
      this.#block.copy(this.#block, 0, dropped, this.#length);
    }
    this.#length -= dropped;
    this.#start = limit - dropped;
  }
}

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(newline, from); at !== -1 && at < to; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
