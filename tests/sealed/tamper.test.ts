import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SecretsError } from "../../src/errors.js";
import { signSealed } from "../../src/sealed/manifest.js";
import { parseSealed } from "../../src/sealed/format.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, makeTestStore, put, take } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

async function smallStore(): Promise<TestStore> {
  const store = await makeTestStore(scratchDirectory());
  await put(store.backend, "a", "value of a", "one");
  await put(store.backend, "b", "value of b", "one");
  await put(store.backend, "c", "value of c", "two");
  return store;
}

const line = (file: string, start: string): string =>
  readFileSync(file, "latin1")
    .split("\n")
    .find((each) => each.startsWith(start)) ?? "";

describe("a store that was altered", () => {
  it("at any single byte gives no value, and an integrity error", async () => {
    const { backend, file } = await smallStore();
    const original = readFileSync(file);
    for (let index = 0; index < original.length; index++) {
      const changed = Buffer.from(original);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
      writeFileSync(file, changed);
      const error = await take(backend, "a", "one").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SecretsError);
      expect(error).toMatchObject({ code: "integrity", exitCode: 6 });
    }
  });

  it("by cutting it short anywhere gives no value", async () => {
    const { backend, file } = await smallStore();
    const original = readFileSync(file);
    for (let length = 0; length < original.length; length += 7) {
      writeFileSync(file, original.subarray(0, length));
      await expect(take(backend, "a", "one")).rejects.toMatchObject({ code: "integrity" });
    }
  });

  it.each<[string, (text: string, file: string) => string]>([
    [
      "a line moved",
      (text, file) =>
        text
          .replace(`${line(file, "secret a")}\n`, "")
          .replace(line(file, "secret b"), `${line(file, "secret b")}\n${line(file, "secret a")}`),
    ],
    ["a line renamed", (text) => text.replace("secret a ", "secret aa ")],
    [
      "two lines with their names exchanged",
      (text) =>
        text.replace("secret a ", "secret x ").replace("secret b ", "secret a ").replace("secret x ", "secret b "),
    ],
    [
      "a line duplicated",
      (text, file) => text.replace(line(file, "secret b"), `${line(file, "secret b")}\n${line(file, "secret b")}`),
    ],
    ["a line removed", (text, file) => text.replace(`${line(file, "secret b")}\n`, "")],
    [
      "a recipient removed by hand",
      (text, file) =>
        text
          .replace(`${line(file, "recipient two")}\n`, "")
          .replace(`${line(file, "compartment two")}\n`, "")
          .replace(`${line(file, "secret c")}\n`, ""),
    ],
    ["a recipient renamed by hand", (text) => text.replace("recipient one writer", "recipient one mallory")],
    ["the generation raised by hand", (text) => text.replace("generation 4", "generation 9")],
  ])("by %s is refused", async (_, change) => {
    const { backend, file } = await smallStore();
    const text = readFileSync(file, "latin1");
    const changed = change(text, file);
    expect(changed).not.toBe(text);
    writeFileSync(file, changed, "latin1");
    await expect(take(backend, "a", "one")).rejects.toMatchObject({ code: "integrity" });
    await expect(put(backend, "d", "new")).rejects.toMatchObject({ code: "integrity" });
  });

  it("and signed again by somebody who is no writer is refused", async () => {
    const { backend, file } = await smallStore();
    const { contents } = parseSealed(readFileSync(file));
    writeFileSync(file, signSealed(contents, (await identityOf("mallory")).writerKey()));
    await expect(take(backend, "a", "one")).rejects.toThrow(/which is not a writer/);
  });

  it("by a writer who gives one path the ciphertext of another still gives no wrong value", async () => {
    const { backend, file, identity } = await smallStore();
    const { contents } = parseSealed(readFileSync(file));
    const [a, b, ...rest] = contents.secrets;
    if (a === undefined || b === undefined) throw new Error("expected two secrets");
    const swapped = [{ ...a, sealed: b.sealed }, { ...b, sealed: a.sealed }, ...rest];
    writeFileSync(file, signSealed({ ...contents, secrets: swapped }, identity.writerKey()));
    await expect(take(backend, "a", "one")).rejects.toMatchObject({
      code: "integrity",
      message: expect.stringContaining("`a` does not decrypt"),
    });
  });

  it.each([
    ["policy", { policy: "two" }],
    ["version", { version: 2 }],
    ["type", { type: "bytes" as const }],
  ])("by a writer who changes the %s of a line still gives no value", async (_, change) => {
    const { backend, file, identity } = await smallStore();
    const { contents } = parseSealed(readFileSync(file));
    const secrets = contents.secrets.map((record) =>
      record.path === "a" ? Object.assign({}, record, change) : record,
    );
    writeFileSync(file, signSealed({ ...contents, secrets }, identity.writerKey()));
    await expect(take(backend, "a", "one")).rejects.toThrow(/does not decrypt/);
  });
});
