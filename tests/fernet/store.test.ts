import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { valuesIn, withValue } from "../../src/fernet/document.js";
import { fernetKeysIn, keyOf } from "../../src/fernet/key.js";
import { olderText, readOlder, replaceOlder } from "../../src/fernet/store.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();
const { older_store: vector } = JSON.parse(
  readFileSync(new URL("../vectors/fernet/spec.json", import.meta.url), "utf8"),
) as {
  readonly older_store: { readonly key: string; readonly token: string; readonly values: Record<string, string> };
};
const keys = fernetKeysIn(vector.key);
const other = keyOf(Buffer.alloc(32, 1));

function store(text: string): string {
  const file = join(scratch(), "secrets.enc");
  writeFileSync(file, text);
  return file;
}

test.each(["", "\n", "\r\n"])("the known store opens, with %j after it, and is written back byte for byte", (end) => {
  const { document, key } = readOlder(store(vector.token + end), [other, ...keys]);
  expect(document.map(({ name }) => name)).toEqual(Object.keys(vector.values));
  const read = valuesIn(document, Object.keys(vector.values)).map((value) => value?.toString());
  expect(read).toEqual(Object.values(vector.values));
  const bytes = Buffer.from(vector.token, "base64url");
  const now = Number(bytes.readBigUInt64BE(1)) * 1000 + 999;
  expect(olderText(document, key, { now, iv: bytes.subarray(9, 25) })).toBe(vector.token);
});

test("a wrong key and an altered token are said in one breath, for nothing tells them apart", () => {
  expect(() => readOlder(store(vector.token), [other])).toThrow("it was altered, or belongs to another key");
  expect(() => readOlder(store(`${vector.token}\n\n`), keys)).toThrow("it is not one whole Fernet token");
  expect(() => readOlder(join(scratch(), "none"), keys)).toThrow("there is no store");
});

test("a store is replaced whole, and keeps its permissions; a new one is its owner's", () => {
  const file = store(vector.token);
  chmodSync(file, 0o640);
  const { document } = readOlder(file, keys);
  replaceOlder(file, withValue(document, "second", Buffer.from("2")), other, { now: 0 });
  expect(readOlder(file, [other]).document.map(({ name }) => name)).toEqual(["OPENAI_API_KEY", "SECOND"]);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  const fresh = join(scratch(), "new.enc");
  replaceOlder(fresh, document, other, { now: 0 });
  expect(statSync(fresh).mode & 0o777).toBe(0o600);
});
