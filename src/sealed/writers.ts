import { createHash, hash } from "node:crypto";
import { IntegrityError } from "../errors.js";
import { verifySignature } from "./ed25519.js";
import type { WriterKey } from "./ed25519.js";
import { lengthPrefixed } from "./encoding.js";
import { writerLine } from "./head.js";
import type { SealedHead, WriterEvent } from "./records.js";

const label = "mxm-secrets/sealed/1 writer event";

/** The log of writers of one store. */
export type WriterLog = Pick<SealedHead, "storeId" | "writers">;

/** Who may sign: Ed25519 public key (base64) to name. */
export type Writers = ReadonlyMap<string, string>;

/** SHA-256, hex, over the `store` line and the first `count` `writer` lines, each with its line feed. */
export function writerLogHash({ storeId, writers }: WriterLog, count: number = writers.length): string {
  const lines = [`store ${storeId}`, ...writers.slice(0, count).map(writerLine)];
  return hash("sha256", lines.map((line) => `${line}\n`).join(""));
}

/** The log's hash as people pass it on: `SHA256:` and base64 without padding, as OpenSSH writes fingerprints. */
export function writerLogFingerprint(log: WriterLog, count?: number): string {
  return fingerprintOf(writerLogHash(log, count));
}

/** The fingerprint of each beginning of the log, from that of its first event on. Takes one pass over it. */
export function* writerLogFingerprints(log: WriterLog): Generator<string, void> {
  const hashAt = runningLogHash(log);
  for (let count = 1; count <= log.writers.length; count++) yield fingerprintOf(hashAt(count));
}

/** {@link writerLogHash} for counts that never fall, without going over the beginning again each time. */
function runningLogHash({ storeId, writers }: WriterLog): (count: number) => string {
  const running = createHash("sha256").update(`store ${storeId}\n`);
  let taken = 0;
  return (count) => {
    for (const event of writers.slice(taken, count)) running.update(`${writerLine(event)}\n`);
    taken = count;
    return running.copy().digest("hex");
  };
}

function fingerprintOf(logHash: string): string {
  return `SHA256:${Buffer.from(logHash, "hex").toString("base64").replace(/=+$/, "")}`;
}

/**
 * Replays the log and gives those who may sign now.
 *
 * @param trusted - how many events, from the first, are known to be good already: their signatures are not checked
 * @throws IntegrityError naming the first event that was not made by a writer of that moment
 */
export function replayWriters(log: WriterLog, trusted = 0): Writers {
  const writers = new Map<string, string>();
  let hashAt: ((count: number) => string) | undefined;
  for (const event of log.writers) {
    const refuse = (fault: string): never => {
      throw new IntegrityError(`writer event ${event.seq}: ${fault}`);
    };
    if (event.seq === 0 ? event.action !== "add" || event.by !== event.key : !writers.has(event.by)) {
      refuse(event.seq === 0 ? "the first writer must add itself" : "it was not made by a writer");
    }
    if (event.seq >= trusted) {
      hashAt ??= runningLogHash(log);
      const message = eventMessage(log.storeId, event, hashAt(event.seq));
      if (!verifySignature(event.by, message, event.signature)) refuse("its signature does not match");
    }
    if (event.action === "add") {
      if (writers.has(event.key)) refuse("it adds a writer who is one already");
      writers.set(event.key, event.name);
    } else {
      if (writers.get(event.key) !== event.name) refuse("it removes a writer who is none");
      if (writers.size === 1) refuse("it removes the last writer");
      writers.delete(event.key);
    }
  }
  return writers;
}

/** A new event at the end of the log, signed. Whether `by` may make it is for {@link replayWriters} to say. */
export function appendWriterEvent(
  log: WriterLog,
  change: Pick<WriterEvent, "action" | "key" | "name">,
  by: WriterKey,
): readonly WriterEvent[] {
  const unsigned = { ...change, seq: log.writers.length, by: by.publicKey };
  return [...log.writers, { ...unsigned, signature: by.sign(eventMessage(log.storeId, unsigned, writerLogHash(log))) }];
}

/** @param before - the hash, in hex, of the log up to this event */
function eventMessage(storeId: string, event: Omit<WriterEvent, "signature">, before: string): Buffer {
  return lengthPrefixed([
    label,
    Buffer.from(storeId, "base64"),
    String(event.seq),
    event.action,
    Buffer.from(event.key, "base64"),
    event.name,
    Buffer.from(before, "hex"),
  ]);
}
