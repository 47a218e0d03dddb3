import { expect, test } from "vitest";
import { mapWithLimit } from "../../src/process/limit.js";

test("results come in the order of the items, with no more works under way than allowed", async () => {
  let running = 0;
  let most = 0;
  const results = await mapWithLimit([30, 5, 20, 1, 10], 2, async (delay) => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, delay));
    running -= 1;
    return delay * 2;
  });
  expect(results).toEqual([60, 10, 40, 2, 20]);
  expect(most).toBe(2);
});

test("after a failure nothing new begins, and the failure is thrown", async () => {
  const begun: number[] = [];
  const work = mapWithLimit([1, 2, 3, 4], 1, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error("two");
  });
  await expect(work).rejects.toThrow("two");
  expect(begun).toEqual([1, 2]);
});

test("no items, no work", async () => {
  expect(await mapWithLimit([], 2, async () => 1)).toEqual([]);
});
