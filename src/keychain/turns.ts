import { CancelledError, throwIfCancelled } from "../errors.js";

/** Runs a work when it is its turn. @throws CancelledError when the signal fires before that */
export type TakeTurn = <T>(work: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;

/** Lets so many works be under way at once; the others wait, first come, first served. */
export function takeTurns(most: number): TakeTurn {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const turn = async (signal: AbortSignal | undefined): Promise<void> => {
    throwIfCancelled(signal);
    if (underWay < most) {
      underWay += 1;
      return;
    }
    // Whoever ends hands its turn on, so that the number under way stays.
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(new CancelledError("cancelled by the caller", { cause: signal?.reason }));
      };
      waiting.push(begin);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  };
  return async (work, signal) => {
    await turn(signal);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
