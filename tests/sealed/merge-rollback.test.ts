import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { parseSealed } from "../../src/sealed/format.js";
import type { Identity } from "../../src/sealed/identity.js";
import { signSealed } from "../../src/sealed/manifest.js";
import { mergeStores } from "../../src/sealed/merge.js";
import type { StorePlace } from "../../src/sealed/pins.js";
import { rotateCompartment } from "../../src/sealed/rotate.js";
import { addWriter, removeWriter } from "../../src/sealed/writer-admin.js";
import { appendWriterEvent } from "../../src/sealed/writers.js";
import { scratchDirectory } from "../support/directory.js";
import { grantTo, identityOf, makeTestStore, put } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

const none = Buffer.alloc(0);
const nowhere: StorePlace = { file: "/nonexistent/secrets.enc", stateDirectory: "/nonexistent/state" };

let store: TestStore;
const bytes = (): Buffer => readFileSync(store.file);
const set = async (path: string, value: string): Promise<Buffer> => {
  await put(store.backend, path, value, "one");
  return bytes();
};
/** A branch that begins at `from`: this machine forgets what it saw of the other. */
const branch = async (from: Buffer, work: () => Promise<unknown>): Promise<Buffer> => {
  writeFileSync(store.file, from);
  const { repin } = await import("../../src/sealed/pins.js");
  const { openSigned } = await import("../../src/sealed/manifest.js");
  await repin(openSigned(from), store.place);
  await work();
  return bytes();
};
const merge = (base: Buffer, ours: Buffer, theirs: Buffer, place = nowhere): Buffer =>
  mergeStores(base, ours, theirs, [store.identity], place);
const rewrite = (file: Buffer, change: Partial<ReturnType<typeof parseSealed>["contents"]>, by?: Identity): Buffer =>
  signSealed({ ...parseSealed(file).contents, ...change }, (by ?? store.identity).writerKey());

beforeEach(async () => {
  store = await makeTestStore(scratchDirectory());
});

describe("a side that is older than the common ancestor", () => {
  it("is refused, whichever side it is: what git revert makes of a store", async () => {
    const old = await set("a", "old");
    const base = await set("a", "new");
    const ours = await set("b", "ordinary");
    for (const attempt of [() => merge(base, ours, old), () => merge(base, old, ours)]) {
      expect(attempt).toThrow(
        expect.objectContaining({
          code: "integrity",
          message: expect.stringMatching(
            /cannot merge, (ours|theirs): generation 2 is older than the common ancestor's 3$/,
          ),
          hint: expect.stringContaining("set the earlier values again"),
        }),
      );
    }
  });

  it("is refused by the epoch of a compartment, so that a removed recipient stays out", async () => {
    const old = await set("a", "value");
    await rotateCompartment(store.place, [store.identity], "one");
    const base = bytes();
    const ours = await set("b", "ordinary");
    expect(() => merge(base, ours, rewrite(old, { generation: 50 }))).toThrow(
      /theirs: the key of compartment `one` is older than the common ancestor's \(epoch 1, not 2\)/,
    );
  });

  it("is refused by the version of a value it keeps, and when it removed the value and set it again", async () => {
    const old = await set("a", "old");
    const base = await set("a", "new");
    const ours = await set("b", "ordinary");
    expect(() => merge(base, ours, rewrite(old, { generation: 50 }))).toThrow(
      /theirs: `a` is older than the common ancestor's \(version 1, not 2\)/,
    );
    const again = await branch(base, async () => {
      await store.backend.delete?.(grantTo("write", "a", "one"), {});
      await set("a", "again");
    });
    expect(() => merge(base, ours, again)).toThrow(/theirs: `a` is older/);
  });

  it("is refused when a compartment was dropped and made again under another key", async () => {
    const base = await set("a", "value");
    const ours = await set("b", "ordinary");
    const { compartments, recipients } = parseSealed(
      await branch(base, async () => {
        await rotateCompartment(store.place, [store.identity], "one");
      }),
    ).contents;
    const remade = rewrite(base, {
      generation: 50,
      compartments: compartments.map(({ policy }) => ({ policy, epoch: 1 })),
      recipients,
      secrets: [],
    });
    expect(() => merge(base, ours, remade)).toThrow(/theirs: compartment `one` was made again under another key/);
  });
});

describe("a common ancestor", () => {
  it("that somebody made up is refused", async () => {
    const theirs = await set("a", "old");
    const ours = await set("a", "new");
    const mallory = await identityOf("mallory");
    const key = mallory.writerKey();
    const { storeId } = parseSealed(ours).contents;
    const writers = appendWriterEvent({ storeId, writers: [] }, { action: "add", key: key.publicKey, name: "m" }, key);
    const forged = rewrite(ours, { generation: 0, writers }, mallory);
    expect(() => merge(forged, ours, theirs)).toThrow(
      /ours: the list of writers does not continue the common ancestor's/,
    );
  });

  it("whose signer was removed since is good, for it was a writer then", async () => {
    const second = await identityOf("second");
    const key = second.writerKey().publicKey;
    await addWriter(store.place, [store.identity], { name: "second", key });
    const base = rewrite(await set("a", "value"), {}, second);
    const theirs = await branch(base, async () => await set("b", "theirs"));
    const ours = await branch(base, async () => await removeWriter(store.place, [store.identity], "second"));
    const merged = parseSealed(merge(base, ours, theirs)).contents;
    expect(merged.secrets.map(({ path }) => path)).toEqual(["a", "b"]);
    expect(merged.writers).toHaveLength(3);
  });

  it("that git does not have lets through only sides as new as what this machine has seen", async () => {
    const old = await set("a", "value");
    await store.backend.delete?.(grantTo("write", "a", "one"), {});
    const ours = bytes();
    expect(() => merge(none, ours, old, store.place)).toThrow(/theirs: an older file was put back: generation 2/);
    expect(() => merge(none, old, ours, store.place)).toThrow(/ours: an older file was put back: generation 2/);
    expect(parseSealed(merge(none, ours, ours, store.place)).contents.generation).toBe(4);
  });
});

describe("what this machine has seen", () => {
  it("must be reached by one side at least", async () => {
    const base = await set("a", "value");
    const ours = await set("b", "ours");
    const theirs = await branch(base, async () => await set("c", "theirs"));
    expect(parseSealed(merge(base, ours, theirs, store.place)).contents.generation).toBe(4);
    await set("d", "newer");
    expect(() => merge(base, ours, theirs, store.place)).toThrow(/an older file was put back: generation 3, while 4/);
  });
});
