import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createStore } from "../../src/sealed/create.js";
import { replaceByStore } from "../../src/sealed/fill.js";
import { describeStore } from "../../src/sealed/list.js";
import { openStore } from "../../src/sealed/open.js";
import { expectSuccessor } from "../../src/sealed/place.js";
import type { StorePlace } from "../../src/sealed/place.js";
import { valueReader } from "../../src/sealed/reader.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, testTime } from "../support/sealed-store.js";

function placeIn(directory: string): StorePlace {
  const origin = join(directory, "repository");
  mkdirSync(origin, { recursive: true });
  return { file: join(origin, "secrets.enc"), stateDirectory: join(directory, "state"), origin };
}

const values = [
  { path: "b", policy: "wide", value: Buffer.from("1") },
  { path: "a/c", policy: "narrow", value: Buffer.from([0xff, 0]) },
  { path: "a", policy: "wide", value: Buffer.of() },
];

describe("a store made with values in it", () => {
  it("has each under its path and policy, for its maker alone", async () => {
    const place = placeIn(scratchDirectory());
    writeFileSync(place.file, "gAAAA, what was there before", { mode: 0o600 });
    const identity = await identityOf("maker");
    await replaceByStore(place, identity, { name: "maker", values, now: testTime });
    const reader = valueReader(await openStore(place), [identity]);
    for (const { path, value } of values) expect(await reader.read(path)).toEqual(value);
    const { compartments, writers } = await describeStore(place);
    const maker = [{ name: "maker", recipient: identity.recipient }];
    expect(compartments).toEqual([
      { policy: "narrow", epoch: 1, secrets: 1, recipients: maker },
      { policy: "wide", epoch: 1, secrets: 2, recipients: maker },
    ]);
    expect(writers).toEqual([{ name: "maker", key: identity.writerKey().publicKey }]);
  });

  it("leaves the old file as it was when a path cannot be in it", async () => {
    const place = placeIn(scratchDirectory());
    writeFileSync(place.file, "before");
    const bad = [...values, { path: "with space", policy: "wide", value: Buffer.from("1") }];
    const made = replaceByStore(place, await identityOf("maker"), { name: "maker", values: bad, now: testTime });
    await expect(made).rejects.toMatchObject({ code: "integrity" });
    expect(readFileSync(place.file, "utf8")).toBe("before");
  });
});

describe("a store that is announced in the place of one that was seen", () => {
  it("is taken, as is the one that was there, and no third one", async () => {
    const directory = scratchDirectory();
    const place = placeIn(directory);
    const elsewhere = async (name: string) => {
      const other = placeIn(join(directory, name));
      const storeId = await createStore(other, await identityOf(name), { name });
      return { storeId, bytes: readFileSync(other.file) };
    };
    const [before, next, third] = [await elsewhere("before"), await elsewhere("next"), await elsewhere("third")];
    writeFileSync(place.file, before.bytes);
    await openStore(place);
    await expectSuccessor(place, next.storeId);
    await openStore(place);
    writeFileSync(place.file, third.bytes);
    await expect(openStore(place)).rejects.toMatchObject({ code: "integrity" });
    writeFileSync(place.file, next.bytes);
    await openStore(place);
    // The successor is there: the one before it does not come back.
    writeFileSync(place.file, before.bytes);
    await expect(openStore(place)).rejects.toMatchObject({ code: "integrity" });
  });
});
