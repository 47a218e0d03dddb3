import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { hasFernetKey, keyMarks } from "../../src/scan/key-marks.js";
import { compileMarks } from "../../src/scan/marks.js";
import { makeKeyIdentity } from "../../src/sealed/new-key.js";

const search = compileMarks(keyMarks.map((mark) => ({ ...mark, kind: "key", form: "" }) as const));
const found = (text: string) => {
  const names: string[] = [];
  search.find(Buffer.from(text), 0, ({ name }, at) => names.push(`${at} ${name}`));
  return names;
};

test.each(["x25519", "hybrid"] as const)("an age identity of kind %s is found wherever it stands", async (kind) => {
  const { text } = await makeKeyIdentity(kind, undefined);
  const [key = ""] = /AGE-SECRET-KEY-\S+/.exec(text) ?? [];
  expect(found(`key: "${key}"`)).toEqual(["6 age secret key"]);
  expect(found(key.slice(0, -20))).toEqual([]);
});

test("a private key in PEM is found at the beginning of a line, with data below it", () => {
  const { privateKey } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  expect(found(`text\n${privateKey}`)).toEqual(["5 private key"]);
  expect(found(privateKey.replaceAll("\n", "\r\n"))).toEqual(["0 private key"]);
  expect(found(`const text = "${privateKey}"`)).toEqual([]);
  expect(found("-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n")).toEqual([]);
  expect(found(privateKey.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"))).toEqual([]);
});

test("a key that a passphrase protects is none", () => {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: {
      type: "sec1",
      format: "pem",
      cipher: "aes-128-cbc",
      passphrase: randomBytes(9).toString("hex"),
    },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  expect(privateKey).toContain("Proc-Type: 4,ENCRYPTED");
  expect(found(privateKey)).toEqual([]);
  const openSsh = (cipher: string) => {
    const length = Buffer.of(0, 0, 0, cipher.length);
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), length, Buffer.from(cipher), randomBytes(90)]);
    const lines = body.toString("base64").replace(/.{70}/g, "$&\n");
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
  };
  expect(found(openSsh("none"))).toEqual(["0 private key"]);
  expect(found(openSsh("aes256-ctr"))).toEqual([]);
  expect(found(openSsh("none") + privateKey + openSsh("aes256-ctr"))).toEqual(["0 private key"]);
});

test("an OpenPGP private key is found, a public one is not", () => {
  const block = (kind: string) =>
    `-----BEGIN PGP ${kind} KEY BLOCK-----\nVersion: 2\n\n${randomBytes(48).toString("base64")}\n`;
  expect(found(block("PRIVATE"))).toEqual(["0 private key"]);
  expect(found(block("PUBLIC"))).toEqual([]);
});

test("a key of the older format is one by what it is", () => {
  const key = randomBytes(32);
  expect(hasFernetKey(Buffer.from(`${key.toString("base64url")}=\n`))).toBe(true);
  expect(hasFernetKey(Buffer.from(key.toString("hex")))).toBe(true);
  expect(hasFernetKey(Buffer.from("# no key\n"))).toBe(false);
});
