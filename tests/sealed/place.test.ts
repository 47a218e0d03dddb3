import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { sealedLocation } from "../../src/backends/sealed.js";
import { createStore } from "../../src/sealed/create.js";
import { parseSealed } from "../../src/sealed/format.js";
import { comparePins, trustPresent } from "../../src/sealed/trust.js";
import { writerLogFingerprint } from "../../src/sealed/writers.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, makeTestStore, openTestBackend, put, take, testContext } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

const refused = { code: "integrity", hint: expect.stringContaining("mxm-secrets trust --store ") };

let store: TestStore;
const inRepository = (name: string): string => join(store.directory, "repository", name);

/** A store that somebody else made elsewhere, to which this user happens to have the key. */
async function foreignStore(file: string): Promise<Backend> {
  const stateDirectory = join(store.directory, "state of mallory");
  const options = { path: file, key: store.keyFile };
  await createStore({ file, stateDirectory }, await identityOf("writer"), { name: "mallory" });
  const backend = openTestBackend(testContext(store.directory, { stateDirectory }), options);
  await put(backend, "a", "chosen by mallory", "one");
  return backend;
}

const open = (path?: string, overrides: Partial<BackendContext> = {}): Backend =>
  openTestBackend(testContext(store.directory, overrides), {
    ...(path === undefined ? {} : { path }),
    key: store.keyFile,
  });

beforeEach(async () => {
  store = await makeTestStore(scratchDirectory());
  await put(store.backend, "a", "value", "one");
});

describe("another store, once one was seen", () => {
  it("is refused behind a symbolic link put in the place of the file", async () => {
    await foreignStore(inRepository("evil.enc"));
    rmSync(store.file);
    symlinkSync("evil.enc", store.file);
    await expect(take(open(), "a", "one")).rejects.toMatchObject(refused);
  });

  it("is refused behind a symbolic link in the place of a directory of its path", async () => {
    mkdirSync(inRepository("kept"));
    copyFileSync(store.file, inRepository("kept/secrets.enc"));
    const other = open("kept/secrets.enc", { baseDirectory: inRepository(".") });
    expect(await take(other, "a", "one")).toBe("value");
    mkdirSync(inRepository("evil"));
    await foreignStore(inRepository("evil/secrets.enc"));
    renameSync(inRepository("kept"), inRepository("away"));
    symlinkSync("evil", inRepository("kept"));
    await expect(take(other, "a", "one")).rejects.toMatchObject(refused);
  });

  it("is refused at another path of the same configuration, under whatever name it goes", async () => {
    await foreignStore(inRepository("evil.enc"));
    await expect(take(open("evil.enc"), "a", "one")).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("this store is new here"),
    });
    await expect(put(open("evil.enc"), "a", "new value", "one")).rejects.toMatchObject(refused);
    symlinkSync(inRepository("."), join(store.directory, "by another name"));
    const linked = open("evil.enc", { baseDirectory: join(store.directory, "by another name") });
    await expect(take(linked, "a", "one")).rejects.toMatchObject(refused);
  });

  it("is accepted on purpose, and the one it replaced is refused from then on", async () => {
    renameSync(store.file, inRepository("good.enc"));
    await foreignStore(store.file);
    const { place } = sealedLocation({ name: "local", options: {} }, store.context);
    const comparison = await comparePins(place);
    expect(comparison.seenStoreId).not.toBe(comparison.present.storeId);
    await trustPresent(place, comparison.shown);
    expect(await take(open(), "a", "one")).toBe("chosen by mallory");
    rmSync(store.file);
    symlinkSync("good.enc", store.file);
    await expect(take(open(), "a", "one")).rejects.toMatchObject(refused);
  });

  it("is another project's matter: each directory with a configuration begins with its first store", async () => {
    mkdirSync(join(store.directory, "elsewhere"));
    await foreignStore(join(store.directory, "elsewhere/secrets.enc"));
    const elsewhere = open(undefined, { baseDirectory: join(store.directory, "elsewhere") });
    expect(await take(elsewhere, "a", "one")).toBe("chosen by mallory");
  });
});

describe("the same user's stores", () => {
  it("may be several in one directory, each made there", async () => {
    await createStore({ ...store.place, file: inRepository("second.enc") }, store.identity, { name: "writer" });
    const second = open("second.enc");
    await put(second, "a", "another value", "one");
    expect([await take(second, "a", "one"), await take(open(), "a", "one")]).toEqual(["another value", "value"]);
  });

  it("may be reached by several paths", async () => {
    symlinkSync("secrets.enc", inRepository("linked.enc"));
    copyFileSync(store.file, inRepository("copy.enc"));
    for (const path of ["linked.enc", "copy.enc", "../repository/secrets.enc"]) {
      expect(await take(open(path), "a", "one")).toBe("value");
    }
  });

  it("are known by their fingerprint wherever they lie", async () => {
    await foreignStore(inRepository("other.enc"));
    const fingerprint = writerLogFingerprint(parseSealed(readFileSync(inRepository("other.enc"))).contents);
    const environment = { MXM_SECRETS_WRITERS: fingerprint };
    expect(await take(open("other.enc", { environment }), "a", "one")).toBe("chosen by mallory");
    renameSync(inRepository("other.enc"), store.file);
    expect(await take(open(undefined, { environment }), "a", "one")).toBe("chosen by mallory");
    expect(await take(open(undefined), "a", "one")).toBe("chosen by mallory");
  });
});

describe("accepting a file on purpose", () => {
  it("accepts the one that was shown, and no other that took its place", async () => {
    const { shown } = await comparePins(store.place);
    await put(store.backend, "a", "newer", "one");
    await expect(trustPresent(store.place, shown)).rejects.toThrow(/the file changed while it was shown/);
  });

  it("also mends records that are damaged", async () => {
    const directory = join(store.place.stateDirectory, "sealed");
    for (const name of readdirSync(directory)) {
      writeFileSync(join(directory, name), "{");
      await expect(take(open(), "a", "one")).rejects.toThrow(/is damaged/);
      const { damage, shown } = await comparePins(store.place);
      expect(damage).toMatch(/is damaged/);
      await trustPresent(store.place, shown);
      expect(await take(open(), "a", "one")).toBe("value");
    }
  });
});

describe("a fingerprint", () => {
  it("that is set and empty is a mistake, not the absence of one", () => {
    for (const value of ["", " "]) {
      expect(() => open(undefined, { environment: { MXM_SECRETS_WRITERS: value } })).toThrow(
        expect.objectContaining({ code: "configuration", message: "MXM_SECRETS_WRITERS is set and empty" }),
      );
    }
  });

  it("says that there is a store: a missing file is no store that was never made", async () => {
    const environment = { MXM_SECRETS_WRITERS: writerLogFingerprint(parseSealed(readFileSync(store.file)).contents) };
    await expect(take(open("gone.enc"), "a", "one")).rejects.toMatchObject({ reason: "not_initialised" });
    await expect(take(open("gone.enc", { environment }), "a", "one")).rejects.toMatchObject({
      code: "unavailable",
      reason: "unreachable",
    });
  });
});

describe("a state directory whose root others can write to", () => {
  it("is refused, with the command that mends it, also when nothing is to be recorded", async () => {
    chmodSync(store.place.stateDirectory, 0o777);
    await expect(take(open(), "a", "one")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("other users can change what is in"),
      hint: expect.stringContaining(`chmod 700 ${store.place.stateDirectory}`),
    });
    chmodSync(store.place.stateDirectory, 0o700);
    expect(await take(open(), "a", "one")).toBe("value");
  });
});
