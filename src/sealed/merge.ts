import { IntegrityError, InvalidInputError, quote } from "../errors.js";
import type { WriterKey } from "./ed25519.js";
import { parseSealed } from "./format.js";
import type { Identity } from "./identity.js";
import { openSigned, signSealed } from "./manifest.js";
import { commonLength, requireDescendant } from "./merge-ancestor.js";
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
 * somebody who is a writer after the merge, and must be newer in every part than the ancestor; the result is signed by the first of `identities` that is one. Writes
 * nothing.
 *
 * @param base - the common ancestor; empty when there is none: then no side may be older than what was seen before
 * @param place - whose pins the result must agree with, and one side must reach
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
  requireNotOlder(our, "ours", was, place);
  requireNotOlder(their, "theirs", was, place);
  const records = mergeRecords(was?.contents ?? nothing, our.contents, their.contents);
  const longer = extension(our.contents.writers, their.contents.writers);
  const candidates = replayWriters({ storeId, writers: longer ?? our.contents.writers });
  const author = requireAuthor(identities, candidates);
  const writers = longer ?? joinLogs(our.contents, their.contents, author.key);
  const permitted = replayWriters({ storeId, writers });
  requireSigner(our, "ours", permitted);
  requireSigner(their, "theirs", permitted);
  requireAuthor([author.identity], permitted);
  const newest = { storeId, generation: Math.max(our.contents.generation, their.contents.generation), writers };
  requirePinned(newest, place);
  const merged = { ...newest, generation: newest.generation + 1, ...records };
  const bytes = signSealed(merged, author.key);
  parseSealed(bytes);
  return bytes;
}

function readSide(bytes: Buffer, name: string): Side {
  return inMerge(name, () => {
    const { signer } = openSigned(bytes);
    const { contents } = parseSealed(bytes);
    requireSigner({ contents, signer }, name, replayWriters(contents));
    return { contents, signer };
  });
}

/** Says which side an integrity error is about. */
function inMerge<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new IntegrityError(`cannot merge, ${name}: ${error.message}`, { cause: error, ...hint });
  }
}

/** Without an ancestor only this machine's memory shows which side is older. */
function requireNotOlder(side: Side, name: string, base: Side | undefined, place: StorePlace): void {
  if (base !== undefined) return requireDescendant(side.contents, base.contents, name);
  inMerge(name, () => requirePinned(side.contents, place));
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
