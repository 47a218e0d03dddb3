import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSealed } from "../../src/sealed/format.js";
import { addRecipient, removeRecipient } from "../../src/sealed/recipients.js";
import { addWriter } from "../../src/sealed/writer-admin.js";
import { scratchDirectory } from "../support/directory.js";
import {
  grantTo,
  identityOf,
  identityTextOf,
  makeTestStore,
  openTestBackend,
  take,
  testContext,
} from "../support/sealed-store.js";

describe("a new compartment", () => {
  it("is readable by whoever made it alone, whatever the unsigned configuration says", async () => {
    const directory = scratchDirectory();
    const store = await makeTestStore(directory);
    const { recipient } = await identityOf("machine");
    const keyholders = [
      { name: "writer", age: store.identity.recipient, principals: [], write: true },
      { name: "machine", age: recipient, principals: [], write: false },
      { name: "paper", gpg: "0123", principals: [], write: false },
    ];
    const context = testContext(directory, { keyholdersFor: (policy) => (policy === "one" ? keyholders : []) });
    const warnings: string[] = [];
    const call = { warn: (line: string) => warnings.push(line) };
    const backend = openTestBackend(context);
    await backend.write?.(grantTo("write", "a", "one"), new Uint8Array(1), call);
    await backend.write?.(grantTo("write", "a", "one"), new Uint8Array(2), call);
    await backend.write?.(grantTo("write", "b", "two"), new Uint8Array(1), call);
    const machine = testContext(directory, {
      stateDirectory: join(directory, "state of machine"),
      environment: { KEY: identityTextOf("machine") },
    });
    const asMachine = openTestBackend(machine, { key: { env: "KEY" } });
    await expect(take(asMachine, "a", "one")).rejects.toMatchObject({ code: "locked" });
    expect(
      parseSealed(readFileSync(store.file))
        .contents.recipients.map(({ policy, name }) => `${policy} ${name}`)
        .toSorted(),
    ).toEqual(["one writer", "two writer"]);
    expect(warnings).toEqual([
      "made compartment `one`, which only you can decrypt; its policy allows `machine` too: let them in with `mxm-secrets keys add NAME`",
    ]);
  });
});

describe("a value that moves to another compartment", () => {
  it("is said to be readable by that compartment's recipients", async () => {
    const store = await makeTestStore(scratchDirectory());
    const machine = { name: "machine", recipient: (await identityOf("machine")).recipient };
    await addRecipient(store.place, [store.identity], machine, ["one"]);
    const warnings: string[] = [];
    const call = { warn: (line: string) => warnings.push(line) };
    await store.backend.write?.(grantTo("write", "a", "two"), new Uint8Array(1), call);
    await store.backend.write?.(grantTo("write", "a", "one"), new Uint8Array(1), call);
    expect(warnings).toEqual(["moved `a` from compartment `two` to `one`, which `machine` can decrypt too"]);
  });
});

describe("a keyholder's name", () => {
  it("that the signed file binds to another recipient is not given to a second one", async () => {
    const store = await makeTestStore(scratchDirectory());
    const first = { name: "machine", recipient: (await identityOf("machine")).recipient };
    const other = { name: "machine", recipient: (await identityOf("mallory")).recipient };
    await addRecipient(store.place, [store.identity], first, ["one"]);
    const before = readFileSync(store.file);
    const refused = addRecipient(store.place, [store.identity], other, ["two"]);
    await expect(refused).rejects.toMatchObject({
      code: "invalid_input",
      hint: expect.stringContaining("mxm-secrets keys rm machine") as string,
    });
    const asAuthor = { ...other, name: "writer" };
    await expect(addRecipient(store.place, [store.identity], asAuthor, ["one"])).rejects.toThrow(/another key/);
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  it("takes its key out of every compartment, whatever it is called there", async () => {
    const store = await makeTestStore(scratchDirectory());
    const { recipient } = await identityOf("machine");
    await addRecipient(store.place, [store.identity], { name: "machine", recipient }, ["one"]);
    await addRecipient(store.place, [store.identity], { name: "alias", recipient }, ["two"]);
    expect(await removeRecipient(store.place, [store.identity], "machine")).toEqual(["one", "two"]);
  });
});

describe("a compartment whose last reader is taken out", () => {
  it("becomes the author's when it holds no value", async () => {
    const store = await makeTestStore(scratchDirectory());
    const machine = { name: "machine", recipient: (await identityOf("machine")).recipient };
    const second = await identityOf("second");
    await addWriter(store.place, [store.identity], { name: "second", key: second.writerKey().publicKey });
    await addRecipient(store.place, [store.identity], machine, ["one"]);
    await removeRecipient(store.place, [store.identity], "writer");
    expect(await removeRecipient(store.place, [second], "machine")).toEqual(["one"]);
    const { compartments, recipients } = parseSealed(readFileSync(store.file)).contents;
    expect(compartments).toEqual([{ policy: "one", epoch: 3 }]);
    expect(recipients.map(({ name }) => name)).toEqual(["second"]);
  });
});
