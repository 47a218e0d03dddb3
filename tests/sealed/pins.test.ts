import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createStore } from "../../src/sealed/create.js";
import { signSealed } from "../../src/sealed/manifest.js";
import { parseSealed } from "../../src/sealed/format.js";
import { addWriter, removeWriter } from "../../src/sealed/writer-admin.js";
import { appendWriterEvent, writerLogFingerprint } from "../../src/sealed/writers.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, makeTestStore, openTestBackend, put, take, testContext } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

const contentsOf = ({ file }: TestStore) => parseSealed(readFileSync(file)).contents;

async function twoWriters(): Promise<TestStore> {
  const store = await makeTestStore(scratchDirectory());
  await put(store.backend, "a", "value", "one");
  const key = (await identityOf("second")).writerKey().publicKey;
  await addWriter(store.place, [store.identity], { name: "second", key });
  return store;
}

const unwritable = (store: TestStore): string => {
  const file = join(store.directory, "a file");
  writeFileSync(file, "");
  return join(file, "state");
};

describe("the list of writers, once seen, changes only by its writers", () => {
  it("a file whose editor made himself a writer is refused", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "one");
    const mallory = (await identityOf("mallory")).writerKey();
    const contents = contentsOf(store);
    const writers = appendWriterEvent(contents, { action: "add", key: mallory.publicKey, name: "mallory" }, mallory);
    writeFileSync(store.file, signSealed({ ...contents, writers }, mallory));
    await expect(take(store.backend, "a", "one")).rejects.toThrow(/writer event 1: it was not made by a writer/);
  });

  it("a file with a list of writers of its own is refused", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "one");
    const mallory = (await identityOf("mallory")).writerKey();
    const contents = contentsOf(store);
    const change = { action: "add", key: mallory.publicKey, name: "writer" } as const;
    const writers = appendWriterEvent({ ...contents, writers: [] }, change, mallory);
    writeFileSync(store.file, signSealed({ ...contents, writers, generation: 9 }, mallory));
    await expect(take(store.backend, "a", "one")).rejects.toThrow(/not a continuation of the one seen before/);
  });

  it("an event whose signature was made for another place in the list is refused", async () => {
    const store = await twoWriters();
    const contents = contentsOf(store);
    const moved = contents.writers.map((event, seq) =>
      Object.assign({}, event, { seq, name: seq === 1 ? "renamed" : event.name }),
    );
    writeFileSync(store.file, signSealed({ ...contents, writers: moved }, store.identity.writerKey()));
    rmSync(store.place.stateDirectory, { recursive: true });
    await expect(take(store.backend, "a", "one")).rejects.toThrow(/writer event 1: its signature does not match/);
  });

  it("a writer who was removed cannot bring himself back with the older list", async () => {
    const store = await twoWriters();
    copyFileSync(store.file, `${store.file}.old`);
    await removeWriter(store.place, [store.identity], "second");
    const { contents } = parseSealed(readFileSync(`${store.file}.old`));
    writeFileSync(store.file, signSealed({ ...contents, generation: 99 }, (await identityOf("second")).writerKey()));
    await expect(take(store.backend, "a", "one")).rejects.toThrow(/not a continuation/);
  });

  it("a list that was continued by its writers is accepted and remembered", async () => {
    const store = await makeTestStore(scratchDirectory());
    const elsewhere = { ...store.place, stateDirectory: join(store.directory, "elsewhere") };
    const reader = openTestBackend(testContext(store.directory, { stateDirectory: elsewhere.stateDirectory }));
    await put(store.backend, "a", "value", "one");
    expect(await take(reader, "a", "one")).toBe("value");
    const key = (await identityOf("second")).writerKey().publicKey;
    await addWriter(store.place, [store.identity], { name: "second", key });
    expect(await take(reader, "a", "one")).toBe("value");
    const pins = readdirSync(join(elsewhere.stateDirectory, "sealed")).filter((name) => name.startsWith("store-"));
    expect(pins).toHaveLength(1);
    const pin: unknown = JSON.parse(readFileSync(join(elsewhere.stateDirectory, "sealed", pins[0] ?? ""), "utf8"));
    expect(pin).toMatchObject({ generation: 3, writers: { count: 2 } });
  });
});

describe("what was seen", () => {
  it("is of the store, so that a file that moved is still recognised and not rolled back", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "old", "one");
    const moved = join(store.directory, "repository", "moved.enc");
    copyFileSync(store.file, moved);
    await put(store.backend, "a", "new", "one");
    const backend = openTestBackend(store.context, { path: "moved.enc" });
    await expect(take(backend, "a", "one")).rejects.toThrow(/an older file was put back/);
  });

  it("is of the path, so that another store in its place is refused", async () => {
    const store = await makeTestStore(scratchDirectory());
    const other = join(store.directory, "repository", "other.enc");
    await createStore({ ...store.place, file: other }, store.identity, { name: "writer" });
    renameSync(other, store.file);
    await expect(take(store.backend, "a", "one")).rejects.toThrow(/another store is in the place/);
  });

  it("that is damaged is an integrity error, not a reason to trust anew", async () => {
    const store = await makeTestStore(scratchDirectory());
    const directory = join(store.place.stateDirectory, "sealed");
    for (const name of readdirSync(directory)) {
      const before = readFileSync(join(directory, name));
      writeFileSync(join(directory, name), "{");
      await expect(take(store.backend, "a", "one")).rejects.toMatchObject({ code: "integrity" });
      writeFileSync(join(directory, name), before);
    }
  });
});

describe("without a state directory that can be written", () => {
  it("a store cannot be opened, and the hint says what to set", async () => {
    const store = await makeTestStore(scratchDirectory());
    const backend = openTestBackend(testContext(store.directory, { stateDirectory: unwritable(store) }));
    await expect(take(backend, "a", "one")).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("MXM_SECRETS_WRITERS"),
    });
  });

  it("the fingerprint of the writers takes its place, of the list as it was then too", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "one");
    const fingerprint = writerLogFingerprint(contentsOf(store));
    const key = (await identityOf("second")).writerKey().publicKey;
    await addWriter(store.place, [store.identity], { name: "second", key });
    const open = (value: string) =>
      openTestBackend(
        testContext(store.directory, {
          stateDirectory: unwritable(store),
          environment: { MXM_SECRETS_WRITERS: value },
        }),
      );
    expect(await take(open(fingerprint), "a", "one")).toBe("value");
    expect(await take(open(writerLogFingerprint(contentsOf(store))), "a", "one")).toBe("value");
    await expect(take(open(`${fingerprint.slice(0, -1)}x`), "a", "one")).rejects.toThrow(
      /does not match the fingerprint/,
    );
  });
});

describe("a write that could not be recorded", () => {
  it("does not happen: the file stays as it was, unless the fingerprint takes the place of what is recorded", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "one");
    const before = readFileSync(store.file);
    const directory = join(store.place.stateDirectory, "sealed");
    const pin = readdirSync(directory).find((name) => name.startsWith("store-")) ?? "";
    writeFileSync(join(directory, `${pin}.lock`), "");
    await expect(put(store.backend, "a", "other", "one")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("cannot keep what was seen") as string,
    });
    expect(readFileSync(store.file).equals(before)).toBe(true);
    const environment = { MXM_SECRETS_WRITERS: writerLogFingerprint(contentsOf(store)) };
    await put(openTestBackend({ ...store.context, environment }), "a", "other", "one");
    expect(contentsOf(store).generation).toBe(3);
  });
});

describe("a state directory", () => {
  it("that others can write to is refused", async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "open"));
    chmodSync(join(directory, "open"), 0o777);
    mkdirSync(join(directory, "open", "sealed"));
    chmodSync(join(directory, "open", "sealed"), 0o777);
    const store = await makeTestStore(directory);
    const backend = openTestBackend(testContext(directory, { stateDirectory: join(directory, "open") }));
    await put(store.backend, "a", "value", "one");
    await expect(take(backend, "a", "one")).rejects.toMatchObject({ code: "unavailable" });
  });
});
