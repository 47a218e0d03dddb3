import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { openOlderStore } from "../backends/sealed-older.js";
import { olderStoreId, recordOlderPlace } from "../backends/sealed-older-place.js";
import { InvalidInputError, quote } from "../errors.js";
import { documentFrom } from "../fernet/document.js";
import type { OlderDocument } from "../fernet/document.js";
import { fernetKeysIn, keyOf, marshalFernetKey } from "../fernet/key.js";
import type { FernetKey } from "../fernet/key.js";
import { collidingNames, olderName } from "../fernet/names.js";
import { replaceOlder } from "../fernet/store.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { describeStore, listPaths } from "../sealed/list.js";
import { isOlderFile } from "../sealed/older-format.js";
import { openStore } from "../sealed/open.js";
import { realFile } from "../files/real-file.js";
import { writersVariable } from "../sealed/pins.js";
import { expectSuccessor } from "../sealed/place.js";
import { valueReader } from "../sealed/reader.js";
import { requireAuthor } from "../sealed/update.js";
import type { Arguments } from "./arguments.js";
import { shownOldKeys } from "./key-change.js";
import type { KeyChange } from "./key-change.js";
import { finishInterrupted } from "./key-in-use.js";
import { confirm } from "./prompt.js";
import type { ConfiguredSealed } from "./sealed-store.js";
import { say, writeJson } from "./terminal.js";

/**
 * `migrate --to fernet`: a sealed store becomes one in the older format, for programs that read no other.
 *
 * @throws AccessDeniedError when the key here is no writer; LockedError when there are values that it does not open
 */
export async function migrateToOlder(args: Arguments, change: KeyChange, store: ConfiguredSealed): Promise<number> {
  const { place } = store;
  const finished = await finishInterrupted(args, change, store);
  if (isOlderFile(place.file)) {
    await openOlderStore(store, { warn: (line) => say(`mxm-secrets: ${line}`) });
    const text = finished ? "finished the migration that was interrupted" : "the store is in the older format already";
    if (args.flag("json")) writeJson({ store: store.name, format: "fernet", finished });
    else say(`mxm-secrets: ${text}`);
    return 0;
  }
  if (place.fingerprint !== undefined) {
    throw new InvalidInputError(`${writersVariable} is set, and nobody signs a store in the older format`, {
      hint: `unset ${writersVariable} wherever this store is read, if the older format is meant`,
    });
  }
  requireAuthor(await store.identities(), (await openStore(place)).writers);
  for (const line of await losses(store)) say(line);
  if (!(await confirm("write the store in the older format?", args.flag("yes")))) return 0;
  const { key, text } = nextKey(change);
  const count = await withLock(realFile(place.file), async () => {
    const document = await documentOf(store);
    await change.begin(text);
    await expectSuccessor(place, olderStoreId(place));
    removeLeftovers(realFile(place.file));
    replaceOlder(place.file, document, key, { now: Date.now() });
    await recordOlderPlace(place, (line) => say(`mxm-secrets: ${line}`), { replace: true });
    return document.length;
  });
  await change.settle(text);
  if (args.flag("json")) {
    writeJson({ store: store.name, format: "fernet", values: count, oldKeys: change.oldKeys });
    return 0;
  }
  say(`migrated to the older format: ${count} of ${count} values compared`);
  say(`the old key is in ${shownOldKeys(change)}: delete it when no old copy of the store is needed any more`);
  return 0;
}

async function losses({ place }: ConfiguredSealed): Promise<readonly string[]> {
  const { writers, compartments } = await describeStore(place);
  const others = new Set([
    ...writers.map(({ name }) => name),
    ...compartments.flatMap(({ recipients }) => recipients.map(({ name }) => name)),
  ]);
  const lines = [
    "lost: signatures, protection against older copies, a key for each policy, versions and dates of values",
  ];
  if (others.size > 1)
    lines.push(
      `keyholders: ${[...others].toSorted().join(", ")}; all but the one here are locked out until they get the new key`,
    );
  return lines;
}

/** Every value, or none: what the older format cannot hold is refused by name. */
async function documentOf(store: ConfiguredSealed): Promise<OlderDocument> {
  const { place } = store;
  const layout = await openStore(place);
  const paths = await listPaths(layout, place.file);
  const [group] = collidingNames(paths);
  if (group !== undefined) {
    const names = group.map(quote).join(" and ");
    throw new InvalidInputError(
      `${names} would be one name, ${quote(olderName(group[0] ?? ""))}, in the older format`,
      {
        hint: "rename all but one of them with `mxm-secrets mv`",
      },
    );
  }
  const reader = valueReader(layout, await store.identities());
  const values: (readonly [string, Buffer])[] = [];
  for (const path of paths) {
    const value = await reader.read(path);
    if (value !== undefined) values.push([path, value]);
  }
  const binary = values.filter(([, value]) => !isUtf8(value)).map(([path]) => quote(path));
  if (binary.length > 1) {
    throw new InvalidInputError(
      `the older format holds text only, and these values are not UTF-8: ${binary.join(", ")}`,
      {
        hint: "store them as base64, or keep the store in the sealed format",
      },
    );
  }
  return documentFrom(values);
}

/** The key that an interrupted migration made, or a new one; the file holds 44 characters and nothing else. */
function nextKey({ pending }: KeyChange): { readonly key: FernetKey; readonly text: string } {
  const [key = keyOf(randomBytes(32))] = pending === undefined ? [] : fernetKeysIn(pending);
  return { key, text: marshalFernetKey(key) };
}
