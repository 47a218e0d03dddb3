import { setImmediate } from "node:timers/promises";
import type { BackendCall, BackendDefinition } from "../../src/backends/contract.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { CancelledError } from "../../src/errors.js";

/** A store in memory that knows how many of its reads are under way. */
export interface CountingBackend {
  readonly definition: BackendDefinition;
  /** How many reads are under way. */
  readonly reading: () => number;
  /** The most that were under way at once. */
  readonly peak: () => number;
  /** Resolves when a read is under way. */
  readonly waiting: () => Promise<void>;
}

/** @param options.waits - its reads end by their signal alone */
export function countingBackend({ waits }: { readonly waits: boolean }): CountingBackend {
  let reading = 0;
  let peak = 0;
  const underWay = () => reading;
  const memory = memoryBackend();
  return {
    definition: {
      ...memory,
      kind: "counting",
      open: (store, context) => {
        const backend = memory.open(store, context);
        return {
          ...backend,
          read: async (grant, call) => {
            peak = Math.max(peak, (reading += 1));
            try {
              await (waits ? untilCancelled(call) : setImmediate());
              return await backend.read(grant, call);
            } finally {
              reading -= 1;
            }
          },
        };
      },
    },
    reading: underWay,
    peak: () => peak,
    waiting: async () => {
      while (underWay() === 0) await setImmediate();
    },
  };
}

async function untilCancelled({ signal }: BackendCall): Promise<never> {
  return new Promise((_resolve, reject) => {
    const cancel = () => reject(new CancelledError("cancelled by the caller"));
    signal?.addEventListener("abort", cancel, { once: true });
  });
}
