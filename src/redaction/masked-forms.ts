import { endWithEdge } from "./base64.js";
import type { Form } from "./forms.js";
import { compilePatterns } from "./search.js";
import type { Pattern, PatternSearch } from "./search.js";

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

interface MaskedForm extends Pattern {
  readonly edge: Form["edge"];
}

/** The forms of every value to be masked, compiled when they are first looked for. */
export class MaskedForms {
  readonly #forms = new Map<string, MaskedForm>();
  #patterns: readonly MaskedForm[] = [];
  #search: PatternSearch | undefined;

  /** Adds the forms of one value. A form two values have keeps the name of the first. */
  add(name: string, forms: readonly Form[]): void {
    for (const { text, edge } of forms) {
      const key = edge === undefined ? text : `${text}\u{100}${edge.known}/${edge.free}`;
      if (!this.#forms.has(key)) this.#forms.set(key, { bytes: Buffer.from(text, "latin1"), name, edge });
    }
    this.#search = undefined;
  }

  /** @param isWhole - nothing follows the text */
  occurrencesIn(bytes: Uint8Array, isWhole: boolean): Occurrences {
    const search = this.#compiled();
    const matches = search.find(bytes);
    let settled = isWhole ? bytes.byteLength : search.openFrom(bytes);
    if (matches.length === 0) return { found: [], settled };
    const found: Occurrence[] = [];
    for (const { start, end: core, pattern, name } of matches) {
      const edge = this.#patterns[pattern]?.edge;
      const { end, isOpen } = edge === undefined ? { end: core, isOpen: false } : endWithEdge(bytes, core, edge);
      if (isOpen && !isWhole) settled = Math.min(settled, start);
      if (start < settled) found.push({ start, end, name });
    }
    return { found, settled };
  }

  #compiled(): PatternSearch {
    if (this.#search !== undefined) return this.#search;
    this.#patterns = [...this.#forms.values()];
    return (this.#search = compilePatterns(this.#patterns));
  }
}
