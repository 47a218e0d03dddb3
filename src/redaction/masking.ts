import { markerOf } from "./clusters.js";
import type { Cluster } from "./clusters.js";
import type { MaskedForms } from "./masked-forms.js";

const nothing = new Uint8Array(0);

/**
 * Masks one stream. What it keeps between two chunks is the end of the text that may be the beginning of a value, and the
 * cluster that reaches into it: never more than the longest form.
 */
export class Masking {
  readonly #forms: MaskedForms;
  #held: Uint8Array = nothing;
  /** A cluster whose marker is not written yet; its places count from the beginning of what is held. */
  #open: Cluster | undefined;

  constructor(forms: MaskedForms) {
    this.#forms = forms;
  }

  write(chunk: Uint8Array): Uint8Array {
    if (chunk.byteLength === 0) return nothing;
    return this.#advance(this.#held.byteLength === 0 ? chunk : joined([this.#held, chunk]), false);
  }

  end(): Uint8Array {
    return this.#advance(this.#held, true);
  }

  /** A text that nothing precedes or follows. */
  whole(bytes: Uint8Array): Uint8Array {
    return this.#advance(bytes, true);
  }

  /** Finds first and holds back afterwards: an end that completes one value may begin another. */
  #advance(bytes: Uint8Array, isWhole: boolean): Uint8Array {
    const { clusters, settled } = this.#forms.clustersIn(bytes, isWhole, this.#open);
    // A copy, because the chunk's memory belongs to the caller; a Buffer's `slice` is none.
    this.#held = settled === bytes.byteLength ? nothing : new Uint8Array(bytes.subarray(settled));
    this.#open = undefined;
    if (clusters.length === 0) return settled === bytes.byteLength ? bytes : bytes.subarray(0, settled);
    const pieces: Uint8Array[] = [];
    let written = 0;
    for (const cluster of clusters) {
      if (cluster.start > written) pieces.push(bytes.subarray(written, cluster.start));
      if (cluster.end > settled && !isWhole) {
        this.#open = { ...cluster, start: cluster.start - settled, end: cluster.end - settled };
      } else {
        pieces.push(Buffer.from(markerOf(cluster.name)));
      }
      written = cluster.end;
    }
    if (written < settled) pieces.push(bytes.subarray(written, settled));
    return joined(pieces);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  // Written whole before anybody reads it; filling it with zeros first would take longer than the search.
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
