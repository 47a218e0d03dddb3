import { IntegrityError, InvalidInputError, quote } from "../errors.js";
import type { WriterKey } from "./ed25519.js";
import { parseSealed } from "./format.js";
import { writerLine } from "./head.js";
import type { Identity } from "./identity.js";
import { openSigned, signSealed } from "./manifest.js";
import { mergeRecords, nothing } from "./merge-records.js";
import { requirePinned } from "./pins.js";
import type { StorePlace } from "./pins.js";
import type { SealedContents, WriterEvent } from "./records.js";
import { requireAuthor } from "./update.js";
import { appendWriterEvent, replayWriters } from "./writers.js";
import type { Writers } from "./writers.js";

/** One side of a merge: contents, and who signed them. */
interface Side {
  readonly contents: SealedContents;
  readonly signer: string;
}

/**
 * Merges two sides of a store since their common ancestor, for git's merge driver. Each side must be signed, and by
 * somebody who is a writer after the merge; the result is signed by the first of `identities` that is one. Writes
 * nothing.
 *
 * @param base - the common ancestor; empty when there is none
 * @param place - whose pins the result must agree with
 * @returns the merged file
 * @throws InvalidInputError naming what both sides changed
 * @throws IntegrityError when a side is not what a writer signed, or contradicts what was seen before
 * @throws AccessDeniedError when none of the identities is a writer
 */
export function mergeStores(
  base: Buffer,
  ours: Buffer,
  theirs: Buffer,
  identities: readonly Identity[],
  place: StorePlace,
): Buffer {
  const [our, their] = [readSide(ours, "ours"), readSide(theirs, "theirs")];
  const was = base.length === 0 ? undefined : readSide(base, "the common ancestor");
  const { storeId } = our.contents;
  if (their.contents.storeId !== storeId || (was !== undefined && was.contents.storeId !== storeId)) {
    throw new InvalidInputError("the two sides are different stores and cannot be merged");
  }
  const records = mergeRecords(was?.contents ?? nothing, our.contents, their.contents);
  const longer = extension(our.contents.writers, their.contents.writers);
  const candidates = replayWriters({ storeId, writers: longer ?? our.contents.writers });
  const author = requireAuthor(identities, candidates);
  const writers = longer ?? joinLogs(our.contents, their.contents, author.key);
  const permitted = replayWriters({ storeId, writers });
  requireSigner(our, "ours", permitted);
  requireSigner(their, "theirs", permitted);
  requireAuthor([author.identity], permitted);
  const generation = Math.max(our.contents.generation, their.contents.generation) + 1;
  const merged = { storeId, generation, writers, ...records };
  requirePinned(merged, place);
  const bytes = signSealed(merged, author.key);
  parseSealed(bytes);
  return bytes;
}

function readSide(bytes: Buffer, name: string): Side {
  try {
    const { signer } = openSigned(bytes);
    const { contents } = parseSealed(bytes);
    requireSigner({ contents, signer }, name, replayWriters(contents));
    return { contents, signer };
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new IntegrityError(`cannot merge, ${name}: ${error.message}`, { cause: error, ...hint });
  }
}

function requireSigner({ signer }: Side, name: string, writers: Writers): void {
  if (writers.has(signer)) return;
  throw new IntegrityError(`${name} is signed by ${quote(signer)}, which is not a writer`, {
    hint: "a writer must look at that change and make it again",
  });
}

/** The longer of two logs when it continues the other, else `undefined`. */
function extension(a: readonly WriterEvent[], b: readonly WriterEvent[]): readonly WriterEvent[] | undefined {
  return commonLength(a, b) < Math.min(a.length, b.length) ? undefined : a.length >= b.length ? a : b;
}

function commonLength(a: readonly WriterEvent[], b: readonly WriterEvent[]): number {
  let length = 0;
  for (const [index, event] of a.entries()) {
    const other = b[index];
    if (other === undefined || writerLine(event) !== writerLine(other)) break;
    length++;
  }
  return length;
}

/**
 * Our log, and the events only they have, made again by the author. An event counts only when who made it is a writer
 * on our side too: whoever we removed cannot bring anybody in by a branch.
 */
function joinLogs(ours: SealedContents, theirs: SealedContents, author: WriterKey): readonly WriterEvent[] {
  let { writers } = ours;
  for (const event of theirs.writers.slice(commonLength(ours.writers, theirs.writers))) {
    const current = replayWriters({ ...ours, writers }, writers.length);
    if (!current.has(event.by)) {
      throw new IntegrityError(
        `theirs: writer event ${event.seq} was made by ${quote(event.by)}, which is not a writer`,
      );
    }
    const { action, key, name } = event;
    if (current.has(key) === (action === "add")) continue;
    writers = appendWriterEvent({ ...ours, writers }, { action, key, name }, author);
  }
  return writers;
}
