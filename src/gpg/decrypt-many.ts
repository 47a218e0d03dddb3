import { CancelledError, throwIfCancelled } from "../errors.js";
import { mapWithLimit } from "../process/limit.js";
import { decryptWithGpg, isAccepted, requireMessage, withoutSignatures } from "./decrypt.js";
import type { DecryptionCall } from "./decrypt.js";
import { statusesOfFiles } from "./file-statuses.js";
import { makeMemoryFiles } from "./memory-files.js";
import type { MemoryFiles } from "./memory-files.js";
import { parseFileRecipients } from "./openpgp.js";
import { runGpg } from "./program.js";
import type { GpgProgram } from "./program.js";
import { parseStatus } from "./status.js";

/** One of several messages, with the words for it. */
export interface EncryptedMessage extends Pick<DecryptionCall, "subject"> {
  readonly ciphertext: Uint8Array;
}

/** gpg's agent answers one request after the other: more than two programs at once gain nothing. */
const programsAtOnce = 2;
/** Fewer are not worth the files. */
const fewest = 6;
/** Each takes a descriptor of this process. */
const mostInOneRun = 64;
/** Longer ones are rare, and would fill the memory that all programs share. */
const maximumMessageBytes = 32 * 1024;
const maximumPlaintextBytes = 256 * 1024;
const statusBytesOfOne = 16 * 1024;
/** A smart card takes about a second for each. */
const millisecondsOfOne = 5_000;
const millisecondsOfAll = 120_000;
const failure = /^\[GNUPG:\] (?:DECRYPTION_FAILED|BADMDC|NODATA|ERROR)\b/m;

/**
 * Decrypts many messages, each as {@link decryptWithGpg} does and under the same conditions, at the cost of few runs of
 * gpg where the system has files in memory. Whatever such a run does not clearly accept is decrypted by itself, so that
 * every failure is told in the same way. Nothing new is begun once one has failed.
 *
 * The first message for each group of keys is decrypted by itself: that unlocks them, and when somebody refuses to, gpg
 * does not ask again for every other message.
 *
 * @returns the plaintexts in the order of the messages
 * @throws what {@link decryptWithGpg} throws, for one of the messages
 */
export async function decryptManyWithGpg(
  gpg: GpgProgram,
  messages: readonly EncryptedMessage[],
  call: Omit<DecryptionCall, "subject">,
): Promise<readonly Uint8Array[]> {
  const binary = messages.map(({ ciphertext, subject }) => requireMessage(ciphertext, subject, call.hints));
  const plaintexts = new Map<number, Uint8Array>();
  const single = async (index: number): Promise<void> => {
    const message = messages[index];
    if (message === undefined || plaintexts.has(index)) return;
    plaintexts.set(index, await decryptWithGpg(gpg, message.ciphertext, { ...call, subject: message.subject }));
  };

  const { first, others } = firstOfEachGroup(binary);
  for (const index of first) await single(index);
  const runs = others.length >= fewest ? sharedOut(others) : [];
  await mapWithLimit(runs, programsAtOnce, async (indices) => {
    const together = indices.map((index) => binary[index] ?? new Uint8Array());
    const found = await decryptInOneRun(gpg, together, call.signal);
    for (const [position, plaintext] of found) {
      // One that is too long is left for a run of its own, which says so.
      if (plaintext.length <= (call.maximumBytes ?? Infinity)) plaintexts.set(indices[position] ?? -1, plaintext);
    }
  });
  await mapWithLimit([...messages.keys()], programsAtOnce, single);
  return messages.map((_message, index) => plaintexts.get(index) ?? new Uint8Array());
}

/** The first message for each set of recipients, and those others that may share a run. */
function firstOfEachGroup(messages: readonly Uint8Array[]): {
  readonly first: readonly number[];
  readonly others: readonly number[];
} {
  const first = new Map<string, number>();
  const others: number[] = [];
  messages.forEach((message, index) => {
    const recipients = parseFileRecipients(message);
    const group = recipients.kind === "encrypted" ? recipients.keyIds.toSorted().join(" ") : "";
    if (!first.has(group)) first.set(group, index);
    else if (message.length <= maximumMessageBytes) others.push(index);
  });
  return { first: [...first.values()], others };
}

function sharedOut(indices: readonly number[]): readonly (readonly number[])[] {
  const runs = Math.max(programsAtOnce, Math.ceil(indices.length / mostInOneRun));
  const size = Math.ceil(indices.length / runs);
  return Array.from({ length: runs }, (_, run) => indices.slice(run * size, (run + 1) * size)).filter(
    (run) => run.length > 0,
  );
}

/**
 * One `gpg --decrypt-files`.
 *
 * @returns the plaintexts by position; none when one of them failed, or where there are no files in memory
 */
async function decryptInOneRun(
  gpg: GpgProgram,
  messages: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Uint8Array>> {
  throwIfCancelled(signal);
  const found = new Map<number, Uint8Array>();
  const files = makeMemoryFiles(messages);
  if (files === undefined) return found;
  try {
    const statuses = statusesOfFiles(parseStatus(await statusOfRun(gpg, files, signal)));
    files.inputs.forEach((input, position) => {
      const status = statuses.get(input);
      if (status !== undefined && isAccepted(status, files.lengthOf(position))) {
        found.set(position, files.read(position));
      }
    });
    return found;
  } finally {
    files.remove();
  }
}

/**
 * The status lines of a run that ended with exit code 0, else nothing: that gpg could not write all of a plaintext, it
 * says by its exit code alone. The run is ended at its first failure.
 */
async function statusOfRun(gpg: GpgProgram, files: MemoryFiles, signal: AbortSignal | undefined): Promise<string> {
  const faulty = new AbortController();
  let seen = "";
  try {
    const end = await runGpg(gpg, {
      // The outputs are there already, for gpg to write into.
      argv: [
        "--yes",
        ...withoutSignatures,
        "--max-output",
        String(maximumPlaintextBytes),
        "--decrypt-files",
        "--",
        ...files.inputs,
      ],
      timeoutMilliseconds: millisecondsOfAll + files.inputs.length * millisecondsOfOne,
      signal: signal === undefined ? faulty.signal : AbortSignal.any([signal, faulty.signal]),
      onStatus: (chunk) => {
        // Of the lines looked at before, all but the last were whole.
        const from = seen.lastIndexOf("\n") + 1;
        seen += chunk.toString("latin1");
        const isTooLong = seen.length > files.inputs.length * statusBytesOfOne;
        if (isTooLong || failure.test(seen.slice(from))) faulty.abort();
      },
    });
    return end.exitCode === 0 ? seen : "";
  } catch (error) {
    if (!(error instanceof CancelledError) || signal?.aborted === true || !faulty.signal.aborted) throw error;
    return "";
  }
}
