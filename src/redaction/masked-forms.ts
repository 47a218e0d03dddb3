import { endWithEdge } from "./base64.js";
import { makeClusters } from "./clusters.js";
import type { Cluster } from "./clusters.js";
import { formsOfPart, partsOf } from "./forms.js";
import type { Form } from "./forms.js";
import { patternOf, startOf } from "./find.js";
import { compileTexts } from "./search.js";
import type { TextSearch } from "./search.js";

/** What is to be masked in a text, and how much of the text is settled. */
export interface Clusters {
  /** In their order; the last may reach beyond `settled`. */
  readonly clusters: readonly Cluster[];
  /** Nothing that begins before this place depends on what follows the text. */
  readonly settled: number;
}

const none: readonly Cluster[] = [];

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

  /**
   * @param isWhole - nothing follows the text
   * @param open - a cluster that began before the text, and may go on in it
   */
  clustersIn(bytes: Uint8Array, isWhole: boolean, open?: Cluster): Clusters {
    const search = (this.#search ??= this.#compile());
    const keys = search.find(bytes);
    let settled = isWhole ? bytes.byteLength : search.openFrom(bytes);
    if (keys.length === 0) return { clusters: open === undefined ? none : [open], settled };
    const { add, clusters } = makeClusters(open);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] ?? 0;
      const start = startOf(key);
      if (start >= settled) break;
      const pattern = patternOf(key);
      const edge = this.#forms[pattern]?.edge;
      let end = start + (search.lengths[pattern] ?? 0);
      if (edge !== undefined) end = endWithEdge(bytes, end, edge);
      if (end < 0) {
        if (!isWhole) {
          settled = start;
          break;
        }
        end = ~end;
      }
      add(start, end, this.#names[pattern] ?? "");
    }
    return { clusters, settled };
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
