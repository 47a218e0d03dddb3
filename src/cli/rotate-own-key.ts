import { randomBytes } from "node:crypto";
import { openOlderStore } from "../backends/sealed-older.js";
import { fernetKeysIn, keyOf, marshalFernetKey } from "../fernet/key.js";
import { replaceOlder } from "../fernet/store.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { parseIdentity } from "../sealed/identity.js";
import { describeStore } from "../sealed/list.js";
import { makeKeyIdentity } from "../sealed/new-key.js";
import type { NewKey } from "../sealed/new-key.js";
import { openStore } from "../sealed/open.js";
import { realFile } from "../files/real-file.js";
import { replaceIdentity } from "../sealed/replace-identity.js";
import { requireAuthor } from "../sealed/update.js";
import type { Arguments } from "./arguments.js";
import type { KeyChange } from "./key-change.js";
import { identitiesIn, isHybridKey, pendingKey } from "./key-in-use.js";
import { nameOwnKey } from "./own-keyholder.js";
import type { ConfiguredSealed } from "./sealed-store.js";
import { say } from "./terminal.js";

/** What was done, for `--json`. */
type Rotated = Readonly<Record<string, unknown>>;

/**
 * A new identity in the place of the one here: recipient and writer where that one was.
 *
 * @throws AccessDeniedError when the key here is no writer
 */
export async function rotateSealedKey(args: Arguments, change: KeyChange, store: ConfiguredSealed): Promise<Rotated> {
  const old = await identitiesIn(change.current);
  const { identity: present } = requireAuthor(old, (await openStore(store.place)).writers);
  const isHybrid = args.flag("post-quantum") || isHybridKey(present);
  const kept = await foreignLines(change.current, store);
  const next = (await pendingKey(change, isHybrid)) ?? (await newKeyWith(kept, isHybrid));
  await change.begin(next.text);
  const { name, compartments } = await replaceIdentity(store.place, old, next.identity);
  const retired = old.map(({ recipient }) => recipient);
  await nameOwnKey(args, store.name, retired, next.identity);
  await change.settle(next.text);
  return { name, compartments, recipient: next.identity.recipient };
}

async function newKeyWith(kept: readonly string[], isHybrid: boolean): Promise<NewKey> {
  const { text, identity } = await makeKeyIdentity(isHybrid ? "hybrid" : "x25519", undefined);
  return { text: text + kept.map((line) => `${line}\n`).join(""), identity };
}

/** The identities in the file that are nothing in this store: another project may need them. */
async function foreignLines(text: string, { place }: ConfiguredSealed): Promise<readonly string[]> {
  const { writers, compartments } = await describeStore(place);
  const recipients = compartments.flatMap((compartment) => compartment.recipients);
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const identity = await parseIdentity(line);
    if (identity === undefined || recipients.some(({ recipient }) => recipient === identity.recipient)) continue;
    const signer = identity.writerKey().publicKey;
    if (writers.every(({ key }) => key !== signer)) lines.push(line);
  }
  return lines;
}

/** A new key for a store in the older format: the whole of it is encrypted anew. */
export async function rotateOlderKey(_args: Arguments, change: KeyChange, store: ConfiguredSealed): Promise<Rotated> {
  const { place } = store;
  const [key = keyOf(randomBytes(32))] = change.pending === undefined ? [] : fernetKeysIn(change.pending);
  const text = marshalFernetKey(key);
  const values = await withLock(realFile(place.file), async () => {
    const { document } = await openOlderStore(store, { warn: (line) => say(`mxm-secrets: ${line}`) });
    await change.begin(text);
    removeLeftovers(realFile(place.file));
    replaceOlder(place.file, document, key, { now: Date.now() });
    return document.length;
  });
  await change.settle(text);
  return { values };
}
