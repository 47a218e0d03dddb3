import { refField } from "../domain/config-refs.js";
import type { KnownNames } from "../domain/config-names.js";
import { inside, rootPlace } from "../domain/reader.js";
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
export function encodeRefs(refs: DataMap): RefLines {
  const names = Object.keys(refs).toSorted();
  return Buffer.from(names.map((name) => `${name}\t${JSON.stringify(refs[name])}\n`).join(""));
}

/** All refs as the data they were made from. */
export function decodeRefs(lines: RefLines): DataMap {
  const refs = emptyMap();
  for (const line of lines.toString("utf8").split("\n")) {
    const tab = line.indexOf("\t");
    if (tab !== -1) refs[line.slice(0, tab)] = JSON.parse(line.slice(tab + 1));
  }
  return refs;
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

/** The refs of a configuration, each read when it is asked for; all of them as soon as they are counted or listed. */
export class StoredRefs implements ReadonlyMap<string, SecretRef> {
  readonly #lines: RefLines;
  readonly #known: KnownNames;
  #all: ReadonlyMap<string, SecretRef> | undefined;

  /** @param known - the names the refs refer to, which they were checked against */
  constructor(lines: RefLines, known: KnownNames) {
    this.#lines = lines;
    this.#known = known;
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
    return this.#everything().size;
  }

  entries(): MapIterator<[string, SecretRef]> {
    return this.#everything().entries();
  }

  keys(): MapIterator<string> {
    return this.#everything().keys();
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

  #everything(): ReadonlyMap<string, SecretRef> {
    this.#all ??= new Map(
      Object.entries(decodeRefs(this.#lines)).flatMap(([name, data]) => {
        const ref = this.#read(name, data);
        return ref === undefined ? [] : [[name, ref]];
      }),
    );
    return this.#all;
  }

  #read(name: string, data: Data): SecretRef | undefined {
    return refField(this.#known).read(data, inside(rootPlace([]), name));
  }
}
