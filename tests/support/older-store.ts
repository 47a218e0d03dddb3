import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentFrom, marshalDocument } from "../../src/fernet/document.js";
import { fernetKeysIn, keyOf, marshalFernetKey } from "../../src/fernet/key.js";
import { readOlder } from "../../src/fernet/store.js";
import { makeToken, marshalToken } from "../../src/fernet/token.js";

/** The plaintext of a store with these values. */
export function olderPlaintext(values: Readonly<Record<string, string>>): Buffer {
  return marshalDocument(
    documentFrom(Object.entries(values).map(([name, value]) => [name, Buffer.from(value)] as const)),
  );
}

/** Makes `secrets.enc` and `.key` in a directory, as a program of the older format leaves them. */
export function makeOlderStore(directory: string, values: Readonly<Record<string, string>>): void {
  writeOlderStore(directory, olderPlaintext(values));
}

/** The same with any plaintext. */
export function writeOlderStore(directory: string, plaintext: Uint8Array): void {
  const key = keyOf(randomBytes(32));
  const token = makeToken(plaintext, key, 1_700_000_000n, randomBytes(16));
  writeFileSync(join(directory, "secrets.enc"), marshalToken(token), { mode: 0o600 });
  writeFileSync(join(directory, ".key"), marshalFernetKey(key), { mode: 0o600 });
}

/** What is in the store of a directory: names as they stand there, and values. */
export function readOlderStore(directory: string): Readonly<Record<string, string | undefined>> {
  const keys = fernetKeysIn(readFileSync(join(directory, ".key"), "utf8"));
  const { document } = readOlder(join(directory, "secrets.enc"), keys);
  return Object.fromEntries(document.map(({ name, text }) => [name, text]));
}
