import { endWithEdge } from "./base64.js";
import { formsOfPart, partsOf } from "./forms.js";
import type { Form } from "./forms.js";
import { patternOf, startOf } from "./find.js";
import { compileTexts } from "./search.js";
import type { TextSearch } from "./search.js";

/** One occurrence of one form of a value. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Every occurrence in a text, and how much of the text is settled. */
export interface Occurrences {
  /** In the order of their starts; only those that begin before `settled`. */
  readonly found: readonly Occurrence[];
  /** Nothing that begins before this place depends on what follows the text. */
  readonly settled: number;
}

const none: readonly Occurrence[] = [];

/** The forms of every value to be masked. Made when they are first looked for: not all programs print something. */
export class MaskedForms {
  /** What to look for, and the name it has: that of the first value it is a part of. */
  readonly #parts = new Map<string, string>();
  readonly #forms: Form[] = [];
  readonly #names: string[] = [];
  /** How many parts have their forms. */
  #formed = 0;
  #search: TextSearch | undefined;

  /** @returns `false` when the value is too short to be masked */
  add(name: string, value: Uint8Array): boolean {
    const parts = partsOf(value);
    for (const part of parts) {
      if (this.#parts.has(part)) continue;
      this.#parts.set(part, name);
      this.#search = undefined;
    }
    return parts.length > 0;
  }

  /** @param isWhole - nothing follows the text */
  occurrencesIn(bytes: Uint8Array, isWhole: boolean): Occurrences {
    const search = (this.#search ??= this.#compile());
    const keys = search.find(bytes);
    let settled = isWhole ? bytes.byteLength : search.openFrom(bytes);
    if (keys.length === 0) return { found: none, settled };
    const found: Occurrence[] = [];
    for (const key of keys) {
      const start = startOf(key);
      const pattern = patternOf(key);
      const core = start + (search.lengths[pattern] ?? 0);
      const edge = this.#forms[pattern]?.edge;
      const { end, isOpen } = edge === undefined ? { end: core, isOpen: false } : endWithEdge(bytes, core, edge);
      if (isOpen && !isWhole) settled = Math.min(settled, start);
      if (start < settled) found.push({ start, end, name: this.#names[pattern] ?? "" });
    }
    return { found, settled };
  }

  #compile(): TextSearch {
    let index = 0;
    for (const [part, name] of this.#parts) {
      if (index++ < this.#formed) continue;
      for (const form of formsOfPart(part)) {
        this.#forms.push(form);
        this.#names.push(name);
      }
    }
    this.#formed = this.#parts.size;
    return compileTexts(this.#forms.map(({ text }) => text));
  }
}
