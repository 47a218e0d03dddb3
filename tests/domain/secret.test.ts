import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.js";

const marked = "canary-7c1f";
const secret = new Secret("api_key", new TextEncoder().encode(marked));

test("reveal and bytes give the value", () => {
  expect(secret.reveal()).toBe(marked);
  expect(Buffer.from(secret.bytes()).toString()).toBe(marked);
});

test.each([
  ["string interpolation", () => `${secret}`],
  ["concatenation", () => "" + secret],
  ["JSON.stringify", () => JSON.stringify({ secret })],
  ["util.inspect", () => inspect(secret, { showHidden: true, depth: 9 })],
  ["util.inspect of a container", () => inspect({ list: [secret] }, { showHidden: true, depth: 9 })],
  ["util.format", () => format("%s %o %O %j", secret, secret, secret, secret)],
  ["structuredClone", () => inspect(structuredClone(secret), { showHidden: true })],
  ["Object.entries", () => JSON.stringify(Object.entries(secret))],
  ["a spread copy", () => inspect({ ...secret })],
  ["an error's cause", () => inspect(new Error("failed", { cause: secret }))],
])("%s never shows the value", (_name, show) => {
  expect(show()).not.toContain(marked);
});

test("it prints as its name", () => {
  expect(`${secret}`).toBe("[secret api_key]");
  expect(inspect(secret)).toBe("[secret api_key]");
  expect(JSON.stringify(secret)).toBe('"[secret api_key]"');
});

test("changing the bytes handed in or out does not change the secret", () => {
  const bytes = new TextEncoder().encode(marked);
  const held = new Secret("api_key", bytes);
  bytes.fill(0);
  held.bytes().fill(0);
  expect(held.reveal()).toBe(marked);
});

test("a binary value is kept byte for byte and refused as text", () => {
  const binary = new Secret("blob", Uint8Array.of(0xff, 0x00, 0xfe));
  expect([...binary.bytes()]).toEqual([0xff, 0x00, 0xfe]);
  expect(() => binary.reveal()).toThrow("the value of `blob` is binary, not UTF-8 text");
});

test("a byte order mark at the start of a value is kept", () => {
  expect(new Secret("bom", new TextEncoder().encode("\ufeffx")).reveal()).toBe("\ufeffx");
});
