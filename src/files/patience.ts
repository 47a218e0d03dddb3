import { CancelledError } from "../errors.js";

/** How long a caller is still ready to wait, and the signal that ends its waiting at once. */
export class Patience {
  readonly #deadline: number;
  #pause = 1;
  readonly signal: AbortSignal | undefined;

  constructor(milliseconds: number, signal: AbortSignal | undefined) {
    this.#deadline = performance.now() + milliseconds;
    this.signal = signal;
  }

  /**
   * Waits a little: from 1 ms, growing to 25 ms, each time by a random part so that waiting processes spread out.
   *
   * @returns `false`, at once, when no time is left
   * @throws CancelledError when the signal fires
   */
  async sleep(): Promise<boolean> {
    const left = this.#deadline - performance.now();
    if (left <= 0) return false;
    this.#pause = Math.min(25, this.#pause * 1.5);
    await this.#wait(Math.min(left, this.#pause * (0.5 + Math.random())));
    return true;
  }

  /**
   * Waits for a promise that never rejects.
   *
   * @returns whether it was settled before the time ran out
   * @throws CancelledError when the signal fires first
   */
  async outlasts(promise: Promise<void>): Promise<boolean> {
    let settled = false;
    const done = promise.then(() => {
      settled = true;
    });
    await this.#wait(Math.max(0, this.#deadline - performance.now()), done);
    return settled;
  }

  async #wait(milliseconds: number, sooner?: Promise<void>): Promise<void> {
    const { signal } = this;
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
        resolve();
      };
      const cancel = (): void => {
        clearTimeout(timer);
        reject(new CancelledError("cancelled by the caller", { cause: signal?.reason }));
      };
      const timer = setTimeout(settle, milliseconds);
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", cancel, { once: true });
      void sooner?.then(settle);
    });
  }
}
