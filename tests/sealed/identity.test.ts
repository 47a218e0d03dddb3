import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import { generateIdentity, parseIdentity, requireRecipient, wrapTo } from "../../src/sealed/identity.js";
import { identityOf } from "../support/sealed-store.js";

describe("identities", () => {
  it.each([
    ["X25519", generateX25519Identity],
    ["hybrid post-quantum", generateHybridIdentity],
  ])(
    "made by age-encryption (%s) have the recipient it gives them, and open what is wrapped to it",
    async (_, make) => {
      const text = await make();
      const identity = await parseIdentity(text);
      expect(identity?.recipient).toBe(await identityToRecipient(text));
      const file = await wrapTo(identity?.recipient ?? "", Buffer.from("key"));
      expect((await identity?.unwrap(file))?.toString()).toBe("key");
    },
  );

  it.each(["x25519", "hybrid"] as const)("made here (%s) are understood by age-encryption", async (kind) => {
    const text = generateIdentity(kind);
    const identity = await parseIdentity(text);
    expect(identity?.recipient).toBe(await identityToRecipient(text));
    const decrypter = new Decrypter();
    decrypter.addIdentity(text);
    const file = await wrapTo(identity?.recipient ?? "", Buffer.from("key"));
    expect(await decrypter.decrypt(file, "text")).toBe("key");
  });

  it("have a signing key of their own that is always the same", async () => {
    const [one, again, other] = [await identityOf("a"), await identityOf("a"), await identityOf("b")];
    expect(one.writerKey().publicKey).toBe(again.writerKey().publicKey);
    expect(one.writerKey().publicKey).not.toBe(other.writerKey().publicKey);
  });

  it("open nothing that is for another", async () => {
    const [one, other] = [await identityOf("a"), await identityOf("b", "hybrid")];
    expect(await one.unwrap(await wrapTo(other.recipient, Buffer.from("key")))).toBeUndefined();
    expect(await other.unwrap(await wrapTo(one.recipient, Buffer.from("key")))).toBeUndefined();
  });

  it.each(["", "AGE-SECRET-KEY-1", "age1qqqq", "AGE-SECRET-KEY-PQ-1QQQQ"])("are not read from %j", async (text) => {
    expect(await parseIdentity(text)).toBeUndefined();
  });

  it("are not read in lower case, as age does not either", async () => {
    expect(await parseIdentity(generateIdentity().toLowerCase())).toBeUndefined();
  });
});

describe("recipients", () => {
  it.each(["", "age1", "age1qqqqqqqq", "ssh-ed25519 AAAA", "AGE1QQQQQQQQ"])("%j is refused", async (text) => {
    await expect(requireRecipient(text)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("an X25519 point of low order is refused", async () => {
    const { encodeBech32 } = await import("../../src/age/bech32.js");
    await expect(requireRecipient(encodeBech32("age", Buffer.alloc(32)))).rejects.toThrow(/is not an age recipient/);
  });
});
