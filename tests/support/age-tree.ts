import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encryptAge } from "../../src/age/encrypt.js";
import { identityOf } from "../../src/age/identities.js";
import { parseRecipients } from "../../src/age/recipients.js";
import { decodeSecretKey } from "../../src/age/secret-key.js";
import type { IdentityKind } from "../../src/age/secret-key.js";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { ageBackend } from "../../src/backends/age.js";
import type { Backend, BackendContext, StoreReport } from "../../src/backends/contract.js";
import { isolatedContext } from "./context.js";
import { scratchDirectory } from "./directory.js";
import { identityTextOf } from "./sealed-store.js";

/** A tree of age files with a key that opens it. */
export interface AgeTree {
  readonly directory: string;
  readonly root: string;
  readonly keyFile: string;
  readonly context: BackendContext;
}

/** An empty tree whose `.age-recipients` names the keys of these phrases; the key file has the first of them. */
export async function makeAgeTree(
  phrases: readonly [string, ...string[]] = ["reader"],
  kind: IdentityKind = "x25519",
  changes: Partial<BackendContext> = {},
): Promise<AgeTree> {
  const directory = scratchDirectory();
  const root = join(directory, "tree");
  mkdirSync(root);
  const keyFile = join(directory, "key.txt");
  writeFileSync(keyFile, `# made by a test\n${identityTextOf(phrases[0], kind)}\n`, { mode: 0o600 });
  const lines = await Promise.all(phrases.map(async (phrase) => recipientOf(phrase, kind)));
  writeFileSync(join(root, ".age-recipients"), `# readers\n\n${lines.join("\n")}\n`);
  return { directory, root, keyFile, context: isolatedContext({ baseDirectory: directory, ...changes }) };
}

/** The public key of a phrase's identity. */
export async function recipientOf(phrase: string, kind: IdentityKind = "x25519"): Promise<string> {
  const key = decodeSecretKey(identityTextOf(phrase, kind));
  const recipient = key === undefined ? undefined : await identityOf(key).recipient();
  if (recipient === undefined) throw new Error("a key has a recipient");
  return recipient;
}

export function openAgeTree(
  { context }: Pick<AgeTree, "context">,
  options: Readonly<Record<string, unknown>> = {},
): Backend {
  return ageBackend.open({ name: "vault", options: { root: "tree", key: "key.txt", ...options } }, context);
}

/** Puts an entry into the tree as another program would, for the keys of these phrases. */
export async function plantAge(
  { root }: Pick<AgeTree, "root">,
  path: string,
  value: string | Uint8Array,
  phrases: readonly string[] = ["reader"],
): Promise<string> {
  const recipients = await Promise.all(phrases.map(async (phrase) => recipientOf(phrase)));
  return plantFile({ root }, path, await encryptAge(Buffer.from(value), parseRecipients(recipients, "the test")));
}

/** Puts these bytes into the place of an entry. @returns the file */
export function plantFile({ root }: Pick<AgeTree, "root">, path: string, bytes: Uint8Array): string {
  const file = join(root, `${path}.age`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}

export async function readAge(backend: Backend, path: string): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : Buffer.from(value).toString();
}

export async function writeAge(backend: Backend, path: string, value: string): Promise<void> {
  await backend.write?.(issueGrantForContract(path, "write"), Buffer.from(value), {});
}

export async function deleteAge(backend: Backend, path: string): Promise<boolean | undefined> {
  return backend.delete?.(issueGrantForContract(path, "write"), {});
}

export async function checkAgeTree(
  backend: Backend,
  paths: readonly string[],
  policies: ReadonlyMap<string, string> = new Map(),
): Promise<StoreReport> {
  const report = await backend.check?.(paths, {}, policies);
  if (report === undefined) throw new Error("the backend has a check");
  return report;
}
