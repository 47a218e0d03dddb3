import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createStore } from "../../src/sealed/create.js";
import { describeContents } from "../../src/sealed/describe.js";
import { parseSealed } from "../../src/sealed/format.js";
import { addRecipient, removeRecipient } from "../../src/sealed/recipients.js";
import { rotateCompartment } from "../../src/sealed/rotate.js";
import { comparePins, trustPresent } from "../../src/sealed/trust.js";
import { addWriter, removeWriter } from "../../src/sealed/writer-admin.js";
import { scratchDirectory } from "../support/directory.js";
import {
  identityOf,
  identityTextOf,
  makeTestStore,
  openTestBackend,
  put,
  take,
  testContext,
} from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

const contentsOf = ({ file }: TestStore) => parseSealed(readFileSync(file)).contents;

/** The backend as the owner of another key sees it, on a machine of its own. */
function seenBy(store: TestStore, phrase: string) {
  const context = testContext(store.directory, {
    stateDirectory: join(store.directory, `state of ${phrase}`),
    environment: { KEY: identityTextOf(phrase) },
  });
  return openTestBackend(context, { key: { env: "KEY" } });
}

describe("recipients", () => {
  it("that are added read that compartment, no other, and cannot write", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    await put(store.backend, "b", "value of b", "two");
    const machine = await identityOf("machine");
    const added = await addRecipient(store.place, [store.identity], { name: "machine", recipient: machine.recipient }, [
      "one",
    ]);
    expect(added).toEqual(["one"]);
    const other = seenBy(store, "machine");
    expect(await take(other, "a", "one")).toBe("value of a");
    await expect(take(other, "b", "two")).rejects.toMatchObject({ code: "locked" });
    await expect(put(other, "a", "forged", "one")).rejects.toMatchObject({ code: "denied" });
  });

  it("may be hybrid post-quantum", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    const { recipient } = await identityOf("quantum", "hybrid");
    await addRecipient(store.place, [store.identity], { name: "quantum", recipient }, ["one"]);
    const context = testContext(store.directory, { environment: { KEY: identityTextOf("quantum", "hybrid") } });
    expect(await take(openTestBackend(context, { key: { env: "KEY" } }), "a", "one")).toBe("value of a");
  });

  it("that are there already change nothing", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    const before = readFileSync(store.file);
    const self = { name: "writer", recipient: store.identity.recipient };
    expect(await addRecipient(store.place, [store.identity], self, ["one"])).toEqual([]);
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  it("that are removed cannot read what is there afterwards: new key, new ciphertexts, same versions", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    const machine = await identityOf("machine");
    await addRecipient(store.place, [store.identity], { name: "machine", recipient: machine.recipient }, [
      "one",
      "two",
    ]);
    const before = contentsOf(store);
    expect(await removeRecipient(store.place, [store.identity], "machine")).toEqual(["one", "two"]);
    const after = contentsOf(store);
    expect(after.compartments).toEqual([
      { policy: "one", epoch: 2 },
      { policy: "two", epoch: 2 },
    ]);
    expect(after.secrets[0]).toEqual({ ...before.secrets[0], sealed: after.secrets[0]?.sealed });
    expect(after.secrets[0]?.sealed).not.toBe(before.secrets[0]?.sealed);
    await expect(take(seenBy(store, "machine"), "a", "one")).rejects.toMatchObject({ code: "locked" });
    expect(await take(store.backend, "a", "one")).toBe("value of a");
  });

  it("cannot lose their last one, and nothing is written then", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    const before = readFileSync(store.file);
    await expect(removeRecipient(store.place, [store.identity], "writer")).rejects.toThrow(/is the last recipient/);
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  it("are refused when they are not age's, or have no name of the file's grammar", async () => {
    const { place, identity } = await makeTestStore(scratchDirectory());
    await expect(addRecipient(place, [identity], { name: "m", recipient: "age1xyz" }, ["one"])).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(
      addRecipient(place, [identity], { name: "a b", recipient: identity.recipient }, ["one"]),
    ).rejects.toThrow(/keyholder's name/);
  });
});

describe("rotation and renaming", () => {
  it("a rotated compartment has a new key and the same values", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    const before = contentsOf(store);
    await rotateCompartment(store.place, [store.identity], "one");
    expect(contentsOf(store).compartments).toEqual([{ policy: "one", epoch: 2 }]);
    expect(contentsOf(store).recipients).not.toEqual(before.recipients);
    expect(await take(store.backend, "a", "one")).toBe("value of a");
    await expect(rotateCompartment(store.place, [store.identity], "none")).rejects.toMatchObject({
      code: "invalid_input",
    });
  });
});

describe("writers", () => {
  it("that are added may write, and those who are removed may not any more", async () => {
    const store = await makeTestStore(scratchDirectory());
    const second = await identityOf("second");
    const key = second.writerKey().publicKey;
    expect(await addWriter(store.place, [store.identity], { name: "second", key })).toBe(true);
    expect(await addWriter(store.place, [store.identity], { name: "second", key })).toBe(false);
    await put(seenBy(store, "second"), "a", "by the second", "one");
    expect(await removeWriter(store.place, [store.identity], "second")).toBe(1);
    await expect(put(seenBy(store, "second"), "a", "again", "one")).rejects.toMatchObject({ code: "denied" });
    expect(await removeWriter(store.place, [store.identity], "nobody")).toBe(0);
  });

  it("cannot remove themselves, so one is always left", async () => {
    const store = await makeTestStore(scratchDirectory());
    await expect(removeWriter(store.place, [store.identity], "writer")).rejects.toThrow(/cannot remove itself/);
  });

  it("are described with their fingerprint, the compartments and their recipients", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value of a", "one");
    expect(describeContents(contentsOf(store))).toMatchObject({
      generation: 2,
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
      writers: [{ name: "writer", key: store.identity.writerKey().publicKey }],
      compartments: [
        { policy: "one", epoch: 1, secrets: 1, recipients: [{ name: "writer", recipient: store.identity.recipient }] },
      ],
    });
  });
});

describe("making a store", () => {
  it("never replaces a file, and a store that was here only on purpose", async () => {
    const store = await makeTestStore(scratchDirectory());
    await expect(createStore(store.place, store.identity, { name: "again" })).rejects.toThrow(/exists already/);
    await expect(createStore(store.place, store.identity, { name: "again", replace: true })).rejects.toThrow(
      /exists already/,
    );
    rmSync(store.file);
    await expect(createStore(store.place, store.identity, { name: "again" })).rejects.toThrow(
      /was at .* before and is gone/,
    );
    await createStore(store.place, store.identity, { name: "again", replace: true });
    await put(store.backend, "a", "value", "one");
    expect(await take(store.backend, "a", "one")).toBe("value");
  });
});

describe("trusting the present file on purpose", () => {
  it("shows what was seen and what is there, then accepts an older file", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "old", "one");
    copyFileSync(store.file, `${store.file}.old`);
    await put(store.backend, "a", "new", "one");
    copyFileSync(`${store.file}.old`, store.file);
    const compared = await comparePins(store.place);
    expect([compared.seen?.generation, compared.present.generation]).toEqual([3, 2]);
    await trustPresent(store.place, compared.shown);
    expect(await take(store.backend, "a", "one")).toBe("old");
  });

  it("accepts no file whose own signature does not hold", async () => {
    const store = await makeTestStore(scratchDirectory());
    const { shown } = await comparePins(store.place);
    writeFileSync(store.file, readFileSync(store.file, "latin1").replace("generation 1", "generation 2"));
    await expect(comparePins(store.place)).rejects.toMatchObject({ code: "integrity" });
    await expect(trustPresent(store.place, shown)).rejects.toMatchObject({ code: "integrity" });
  });
});
