import { readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parseSealed } from "../../src/sealed/format.js";
import { newCompartmentKey } from "../../src/sealed/compartments.js";
import { removeValue, setValue } from "../../src/sealed/edit.js";
import type { Identity } from "../../src/sealed/identity.js";
import { openSigned, signSealed } from "../../src/sealed/manifest.js";
import { mergeStores } from "../../src/sealed/merge.js";
import type { SealedContents } from "../../src/sealed/records.js";
import { withNewKey } from "../../src/sealed/rotate.js";
import { valueReader } from "../../src/sealed/reader.js";
import { appendWriterEvent, replayWriters } from "../../src/sealed/writers.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, makeTestStore, put, take, testTime } from "../support/sealed-store.js";

let writer: Identity;
let base: SealedContents;
const nowhere = { file: "/nonexistent/secrets.enc", stateDirectory: "/nonexistent/state" };

beforeAll(async () => {
  writer = await identityOf("writer");
  const storeId = Buffer.alloc(16, 1).toString("base64");
  const key = writer.writerKey();
  const writers = appendWriterEvent(
    { storeId, writers: [] },
    { action: "add", key: key.publicKey, name: "writer" },
    key,
  );
  base = { storeId, generation: 1, writers, compartments: [], recipients: [], secrets: [] };
  for (const path of ["a", "b", "c", "d"]) base = await set(base, path, `base ${path}`);
});

async function set(contents: SealedContents, path: string, value: string, policy = "one"): Promise<SealedContents> {
  const self = { name: "writer", recipient: writer.recipient };
  const changed = await setValue(contents, { path, policy, value: Buffer.from(value), now: testTime }, [writer], self);
  return { ...changed, generation: contents.generation + 1 };
}

const sign = (contents: SealedContents, by: Identity = writer): Buffer => signSealed(contents, by.writerKey());
const merge = (ours: SealedContents, theirs: SealedContents, ancestor: Buffer = sign(base)): Buffer =>
  mergeStores(ancestor, sign(ours), sign(theirs), [writer], nowhere);

async function valueIn(bytes: Buffer, path: string): Promise<string | undefined> {
  return (await valueReader(openSigned(bytes), [writer]).read(path))?.toString();
}

const add = (contents: SealedContents, name: string, key: string, by: Identity = writer): SealedContents => ({
  ...contents,
  writers: appendWriterEvent(contents, { action: "add", key, name }, by.writerKey()),
});
const remove = (contents: SealedContents, name: string, key: string): SealedContents => ({
  ...contents,
  writers: appendWriterEvent(contents, { action: "remove", key, name }, writer.writerKey()),
});

describe("merging", () => {
  it("keeps what each side changed, added and removed, under a new generation", async () => {
    const ours = await set(await set(base, "a", "ours"), "e", "added by us");
    const theirs = removeValue(await set(base, "b", "theirs"), "c") ?? base;
    const merged = merge(ours, theirs);
    expect(await Promise.all(["a", "b", "c", "d", "e"].map((path) => valueIn(merged, path)))).toEqual([
      "ours",
      "theirs",
      undefined,
      "base d",
      "added by us",
    ]);
    expect(parseSealed(merged).contents.generation).toBe(Math.max(ours.generation, theirs.generation) + 1);
  });

  it("is the same whichever side is called ours, whenever the changes are apart", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), { maxLength: 7 }),
        fc.nat(7),
        async (paths, cut) => {
          let [ours, theirs] = [base, base];
          for (const path of paths.slice(0, cut)) ours = await set(ours, path, `ours ${path}`);
          for (const path of paths.slice(cut)) theirs = await set(theirs, path, `theirs ${path}`);
          const one = merge(ours, theirs);
          expect(parseSealed(one).contents).toEqual(parseSealed(merge(theirs, ours)).contents);
          for (const [index, path] of paths.entries()) {
            expect(await valueIn(one, path)).toBe(`${index < cut ? "ours" : "theirs"} ${path}`);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each<[string, (side: string) => Promise<SealedContents>, () => Promise<SealedContents>]>([
    ["changed", async (side) => set(base, "a", side), async () => set(base, "a", "other")],
    ["added", async (side) => set(base, "e", side), async () => set(base, "e", "other")],
    ["changed and removed", async (side) => set(base, "a", side), async () => removeValue(base, "a") ?? base],
  ])("of a value that both sides %s is refused, naming it", async (_, one, other) => {
    const [ours, theirs] = [await one("ours"), await other()];
    expect(() => merge(ours, theirs)).toThrow(/both sides changed `[ae]`/);
    expect(() => merge(theirs, ours)).toThrow(/both sides changed `[ae]`/);
  });

  it("takes a new key of one side when the other left that compartment alone", async () => {
    const self = { name: "writer", recipient: writer.recipient };
    const ours = await withNewKey(base, "one", [writer], [self]);
    const theirs = await set(base, "x", "in another compartment", "two");
    const merged = merge(ours, theirs);
    expect(await valueIn(merged, "a")).toBe("base a");
    expect(await valueIn(merged, "x")).toBe("in another compartment");
  });

  it("refuses a new key of one side when the other wrote under the old one, or made one too", async () => {
    const self = { name: "writer", recipient: writer.recipient };
    const rotated = await withNewKey(base, "one", [writer], [self]);
    const again = await withNewKey(base, "one", [writer], [self]);
    const added = await set(base, "e", "under the old key");
    expect(() => merge(rotated, added)).toThrow(/both sides changed `e`/);
    expect(() => merge(added, rotated)).toThrow(/both sides changed `e`/);
    expect(() => merge(rotated, again)).toThrow(/both sides changed .*`one`/);
    const untouched = { ...base, secrets: [] };
    const once = await withNewKey(untouched, "one", [writer], [self]);
    const twice = await withNewKey(once, "one", [writer], [self]);
    const [ours, theirs] = [await withNewKey(untouched, "one", [writer], [self]), twice];
    expect(() => merge(ours, theirs, sign(untouched))).toThrow(/both sides changed `one`/);
  });

  it("refuses a compartment that both sides made", async () => {
    const [ours, theirs] = [await set(base, "x", "1", "two"), await set(base, "y", "2", "two")];
    expect(() => merge(ours, theirs)).toThrow(/both sides changed `two`/);
  });

  it("keeps a recipient that one side added", async () => {
    const { records } = await newCompartmentKey("one", [
      { name: "machine", recipient: (await identityOf("m")).recipient },
    ]);
    const recipients = [...base.recipients, ...records].toSorted((x, y) => (x.recipient < y.recipient ? -1 : 1));
    const merged = merge({ ...base, recipients }, await set(base, "a", "theirs"));
    expect(
      parseSealed(merged)
        .contents.recipients.map((record) => record.name)
        .toSorted(),
    ).toEqual(["machine", "writer"]);
  });

  it("of stores without a common ancestor needs them to be alike where both have something", async () => {
    expect(await valueIn(merge(base, await set(base, "e", "theirs"), Buffer.alloc(0)), "e")).toBe("theirs");
    expect(() => merge(base, { ...base, storeId: Buffer.alloc(16, 2).toString("base64") })).toThrow(
      /does not match|different/,
    );
  });
});

describe("merging writers", () => {
  it("takes the longer list when it continues the other, whichever side has it", async () => {
    const second = await identityOf("second");
    const longer = add(base, "second", second.writerKey().publicKey);
    const edited = await set(base, "a", "ours");
    for (const merged of [merge(edited, longer), merge(longer, edited)]) {
      expect(parseSealed(merged).contents.writers).toEqual(longer.writers);
    }
  });

  it("makes the events of the other side again when both sides added somebody", async () => {
    const [second, third] = [await identityOf("second"), await identityOf("third")];
    const ours = add(base, "second", second.writerKey().publicKey);
    const theirs = add(base, "third", third.writerKey().publicKey);
    const writers = replayWriters(parseSealed(merge(ours, theirs)).contents);
    expect([...writers.values()]).toEqual(["writer", "second", "third"]);
  });

  it("lets nobody whom one side removed bring somebody in, or sign the other side", async () => {
    const [second, third] = [await identityOf("second"), await identityOf("third")];
    const key = second.writerKey().publicKey;
    const both = add(base, "second", key);
    const removed = remove(both, "second", key);
    const broughtIn = add(both, "third", third.writerKey().publicKey, second);
    expect(() => mergeStores(sign(base), sign(removed), sign(broughtIn, second), [writer], nowhere)).toThrow(
      /not a writer/,
    );
    expect(() => merge(removed, broughtIn)).toThrow(/theirs: writer event 2 was made by/);
    expect(() => mergeStores(sign(base), sign(removed), sign(both, second), [writer], nowhere)).toThrow(
      /theirs is signed by/,
    );
  });

  it("is for writers only", async () => {
    const stranger = await identityOf("stranger");
    expect(() => mergeStores(sign(base), sign(base), sign(base), [stranger], nowhere)).toThrow(/may not change/);
  });
});

describe("merging in a repository", () => {
  it("refuses what contradicts what was seen there, and a side that was altered", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "one");
    const bytes = readFileSync(store.file);
    expect(() => mergeStores(sign(base), sign(base), sign(base), [writer], store.place)).toThrow(/another store/);
    const altered = Buffer.from(bytes.toString("latin1").replace("secret a", "secret b"), "latin1");
    expect(() => mergeStores(bytes, bytes, altered, [store.identity], store.place)).toThrow(/cannot merge, theirs: /);
    writeFileSync(store.file, mergeStores(bytes, bytes, bytes, [store.identity], store.place));
    expect(await take(store.backend, "a", "one")).toBe("value");
  });
});
