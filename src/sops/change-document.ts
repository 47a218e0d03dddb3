import { IntegrityError, quote, UnsupportedError } from "../errors.js";
import { associatedData, encryptScalar } from "./cipher.js";
import type { SopsFormat, SopsLeaf, SopsPath, SopsScalar } from "./document.js";
import { sealMac } from "./mac.js";
import { timeOfMetadata } from "./metadata.js";
import { addressOf, decryptValues, openDocument } from "./open-document.js";
import type { OpenedDocument } from "./open-document.js";
import { scalarBytes } from "./scalar.js";

/** What to change in a document: a value to put at a path, in the place of a leaf or as a new one, or one to take away. */
export type ValueChange =
  | { readonly kind: "set"; readonly path: SopsPath; readonly leaf: SopsLeaf | undefined; readonly scalar: SopsScalar }
  | { readonly kind: "remove"; readonly path: SopsPath; readonly leaf: SopsLeaf };

/**
 * The bytes of a file with one value changed, its MAC and `lastmodified` with it, and everything else as it was. They were
 * parsed and opened again: they verify, hold this value, and every other as before.
 *
 * @param form.file - its name, for errors
 * @param form.now - milliseconds since the epoch
 * @throws UnsupportedError when the file's own rules leave the place unencrypted
 * @throws InvalidInputError when its format cannot hold the value or the path
 */
export async function changeValue(
  opened: OpenedDocument,
  change: ValueChange,
  { format, file, now }: { readonly format: SopsFormat; readonly file: string; readonly now: number },
): Promise<Uint8Array> {
  const { metadata, key } = opened;
  const edited = await format.parse(edit(opened, change, file), file);
  const lastModified = timeOfMetadata(now);
  const mac = sealMac((await decryptValues(edited, metadata, key, file)).mac, key, lastModified);
  const bytes = edited.edit({
    metadata: new Map([
      ["lastmodified", lastModified],
      ["mac", mac],
    ]),
  });
  const written = await openDocument(await format.parse(bytes, file), { ...metadata, mac, lastModified }, key, file);
  if (isAsMeant(opened, written, change)) return bytes;
  throw new IntegrityError(
    `${quote(file)}: ${quote(addressOf(change.path))} cannot be written without changing others`,
    {
      hint: "nothing was written; use `sops edit`",
    },
  );
}

function edit({ document, key, isEncrypted }: OpenedDocument, change: ValueChange, file: string): Uint8Array {
  if (change.kind === "remove") return document.edit({ remove: [change.leaf] });
  const { path, leaf, scalar } = change;
  if (!isEncrypted(leaf ?? { kind: "value", path, comments: undefined })) {
    throw new UnsupportedError(
      `${quote(file)} leaves ${quote(addressOf(path))} unencrypted: the value would be readable`,
      { hint: "choose a name that the rules in its `sops` metadata encrypt, or encrypt it anew under other rules" },
    );
  }
  const encrypted = encryptScalar(scalar, key, associatedData(path));
  return leaf === undefined
    ? document.edit({ add: [{ path, scalar: encrypted }] })
    : document.edit({ replace: new Map([[leaf, encrypted]]) });
}

/** Whether one value was set or removed, and every other is what it was, in the same order. */
function isAsMeant(before: OpenedDocument, after: OpenedDocument, change: ValueChange): boolean {
  const kept = [...before.values].filter(([leaf]) => leaf !== change.leaf).map(([, scalar]) => formOf(scalar));
  const found = [...after.values].map(([leaf, scalar]) => ({ leaf, form: formOf(scalar) }));
  if (change.kind === "set") {
    const document = change.leaf?.document ?? 0;
    const address = addressOf(change.path);
    const at = found.findIndex(({ leaf }) => leaf.document === document && addressOf(leaf.path) === address);
    if (found.splice(at, 1)[0]?.form !== formOf(change.scalar) || at < 0) return false;
  }
  return found.length === kept.length && found.every(({ form }, index) => form === kept[index]);
}

function formOf(scalar: SopsScalar): string {
  return `${scalar.type}:${Buffer.from(scalarBytes(scalar) ?? []).toString("latin1")}`;
}
