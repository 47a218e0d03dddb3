import { Decrypter, Encrypter } from "age-encryption";
import { describe, expect, it } from "vitest";
import { decryptAgeX25519, encryptAgeX25519 } from "../../src/sealed/age-file.js";
import { decodeBech32, encodeBech32 } from "../../src/age/bech32.js";
import { exportX25519Public, importX25519Private } from "../../src/age/x25519.js";

const scalar = Buffer.alloc(32, 9);
const privateKey = importX25519Private(scalar);
const recipient = exportX25519Public(privateKey);
const identityText = encodeBech32("age-secret-key-", scalar).toUpperCase();
const plaintext = Buffer.from("a compartment key of 32 bytes...");

function encrypted(): Buffer {
  const file = encryptAgeX25519(recipient, plaintext);
  if (file === undefined) throw new Error("not encrypted");
  return file;
}

describe("age files for one X25519 recipient", () => {
  it("written here are read by age-encryption", async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identityText);
    expect(Buffer.from(await decrypter.decrypt(encrypted())).equals(plaintext)).toBe(true);
  });

  it("written by age-encryption are read here", async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(encodeBech32("age", recipient));
    const file = Buffer.from(await encrypter.encrypt(plaintext));
    expect(decryptAgeX25519(privateKey, file)?.equals(plaintext)).toBe(true);
  });

  it("give nothing for another key", () => {
    expect(decryptAgeX25519(importX25519Private(Buffer.alloc(32, 8)), encrypted())).toBeUndefined();
  });

  it("give nothing when any one byte is changed, added or missing", () => {
    const file = encrypted();
    for (let index = 0; index < file.length; index++) {
      const changed = Buffer.from(file);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(decryptAgeX25519(privateKey, changed)).toBeUndefined();
      expect(decryptAgeX25519(privateKey, file.subarray(0, index))).toBeUndefined();
    }
    expect(decryptAgeX25519(privateKey, Buffer.concat([file, Buffer.alloc(1)]))).toBeUndefined();
  });

  it("give nothing when they have a second recipient", async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(encodeBech32("age", recipient));
    encrypter.addRecipient(encodeBech32("age", recipient));
    expect(decryptAgeX25519(privateKey, Buffer.from(await encrypter.encrypt(plaintext)))).toBeUndefined();
  });

  it("cannot be made for a point of low order", () => {
    expect(encryptAgeX25519(Buffer.alloc(32), plaintext)).toBeUndefined();
  });

  it("use a recipient string that decodes to the public key", () => {
    expect(decodeBech32(encodeBech32("age", recipient))?.bytes.equals(recipient)).toBe(true);
  });
});
