import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeTestStore, openTestBackend, put, testTime } from "../support/sealed-store.js";
import { rejection, useScratch } from "../support/scratch.js";

const scratch = useScratch();

test("a value is as old as its last write, to whoever has no key too, and what is not there is left out", async () => {
  let now = testTime;
  const store = await makeTestStore(scratch(), "writer", { now: () => now });
  await put(store.backend, "first", "1");
  now += 90_000;
  await put(store.backend, "second", "2");
  rmSync(store.keyFile);
  const changed = await openTestBackend(store.context).changed?.(["second", "first", "third"], {});
  expect(changed).toEqual(
    new Map([
      ["first", testTime],
      ["second", testTime + 90_000],
    ]),
  );
});

test("an altered store tells no age", async () => {
  const store = await makeTestStore(scratch());
  await put(store.backend, "first", "1");
  writeFileSync(store.file, "x", { flag: "a" });
  expect(await rejection(store.backend.changed?.(["first"], {}) ?? Promise.resolve())).toMatchObject({
    code: "integrity",
  });
});
