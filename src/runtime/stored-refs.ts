import type { SecretRef } from "../domain/ref.js";
import { emptyMap } from "./merge.js";
import type { Data, DataMap } from "./merge.js";

const newline = 10;

/**
 * The refs of a configuration as text, one `NAME<tab>JSON` line each, sorted by name: a command that wants one of ten
 * thousand finds it without parsing the others. Only refs that were checked, and mention no variable, are stored so.
 */
export type RefLines = Buffer;

/** Writes refs, whose names must be identifiers, as lines. */
export function encodeRefs(refs: Readonly<Record<string, unknown>>): RefLines {
  const names = Object.keys(refs).toSorted();
  return Buffer.from(names.map((name) => `${name}\t${JSON.stringify(refs[name])}\n`).join(""));
}

/** All refs as the data they were made from. */
export function decodeRefs(lines: RefLines): DataMap {
  const refs = emptyMap();
  forEachRef(lines, (name, data) => {
    refs[name] = data;
  });
  return refs;
}

function forEachRef(lines: RefLines, visit: (name: string, data: Data) => void): void {
  const text = lines.toString("utf8");
  for (let start = 0, end = text.indexOf("\n"); end !== -1; start = end + 1, end = text.indexOf("\n", start)) {
    const tab = text.indexOf("\t", start);
    visit(text.slice(start, tab), JSON.parse(text.slice(tab + 1, end)));
  }
}

/** One ref as data, found by bisection, or `undefined` when there is none of that name. */
export function findRef(lines: RefLines, name: string): Data | undefined {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = middle === 0 ? 0 : lines.lastIndexOf(newline, middle - 1) + 1;
    const end = lines.indexOf(newline, start);
    const tab = lines.indexOf("\t", start);
    const found = lines.toString("latin1", start, tab);
    if (found === name) return JSON.parse(lines.toString("utf8", tab + 1, end));
    if (found < name) low = end + 1;
    else high = start;
  }
  return undefined;
}

/** Makes a ref of what a line holds; `undefined` for what is none. */
export type ReadRef = (name: string, data: Data) => SecretRef | undefined;

/** The refs of a configuration, each read when it is asked for; all of them as soon as their contents are listed. */
export class StoredRefs implements ReadonlyMap<string, SecretRef> {
  readonly #lines: RefLines;
  readonly #read: ReadRef;
  #all: ReadonlyMap<string, SecretRef> | undefined;

  constructor(lines: RefLines, read: ReadRef) {
    this.#lines = lines;
    this.#read = read;
  }

  get(name: string): SecretRef | undefined {
    if (this.#all !== undefined) return this.#all.get(name);
    const data = findRef(this.#lines, name);
    return data === undefined ? undefined : this.#read(name, data);
  }

  has(name: string): boolean {
    return this.#all?.has(name) ?? findRef(this.#lines, name) !== undefined;
  }

  get size(): number {
    return this.#names().length;
  }

  entries(): MapIterator<[string, SecretRef]> {
    return this.#everything().entries();
  }

  /** Every name, sorted. */
  keys(): MapIterator<string> {
    return new Set(this.#names()).keys();
  }

  values(): MapIterator<SecretRef> {
    return this.#everything().values();
  }

  [Symbol.iterator](): MapIterator<[string, SecretRef]> {
    return this.entries();
  }

  forEach(visit: (ref: SecretRef, name: string, refs: ReadonlyMap<string, SecretRef>) => void): void {
    for (const [name, ref] of this) visit(ref, name, this);
  }

  #names(): readonly string[] {
    const lines = this.#lines.toString("latin1").split("\n");
    return lines.slice(0, -1).map((line) => line.slice(0, line.indexOf("\t")));
  }

  #everything(): ReadonlyMap<string, SecretRef> {
    if (this.#all !== undefined) return this.#all;
    const all = new Map<string, SecretRef>();
    forEachRef(this.#lines, (name, data) => {
      const ref = this.#read(name, data);
      if (ref !== undefined) all.set(name, ref);
    });
    this.#all = all;
    return all;
  }
}
