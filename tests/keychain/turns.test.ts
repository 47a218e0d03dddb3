import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { takeTurns } from "../../src/keychain/turns.js";

const outcome = async (work: Promise<unknown>) =>
  work.then(
    (value) => value,
    (error: unknown) => (isSecretsError(error) ? error.code : "failed"),
  );

test("no more works than allowed are under way, each is run once, whichever fail or are cancelled", async () => {
  const works = fc.array(fc.constantFrom("ends", "fails", "is cancelled"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), works, async (most, kinds) => {
      const takeTurn = takeTurns(most);
      let underWay = 0;
      let peak = 0;
      const run = async (kind: string, index: number) => {
        const controller = new AbortController();
        const ended = outcome(
          takeTurn(async () => {
            peak = Math.max(peak, (underWay += 1));
            await new Promise(setImmediate);
            underWay -= 1;
            if (kind === "fails") throw new Error("on purpose");
            return index;
          }, controller.signal),
        );
        if (kind === "is cancelled") controller.abort();
        return ended;
      };
      const ended = await Promise.all(kinds.map(run));
      expect(peak).toBeLessThanOrEqual(most);
      // One that had begun already is not stopped here: that is for the work itself.
      const wrong = ended.filter((end, index) => {
        if (kinds[index] === "fails") return end !== "failed";
        return end !== index && (kinds[index] === "ends" || end !== "cancelled");
      });
      expect(wrong).toEqual([]);
      expect(await takeTurn(async () => "free again", undefined)).toBe("free again");
    }),
  );
});

test("one that waits is cancelled at once, and the next one takes its place", async () => {
  const takeTurn = takeTurns(1);
  let endFirst = (): void => undefined;
  const first = takeTurn(async () => new Promise<void>((resolve) => (endFirst = resolve)), undefined);
  const controller = new AbortController();
  const second = outcome(takeTurn(async () => "second", controller.signal));
  const third = outcome(takeTurn(async () => "third", undefined));
  controller.abort();
  expect(await second).toBe("cancelled");
  endFirst();
  await first;
  expect(await third).toBe("third");
  expect(await outcome(takeTurn(async () => "late", AbortSignal.abort()))).toBe("cancelled");
});
