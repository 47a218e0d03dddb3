import { fstatSync, lstatSync, realpathSync, rmSync } from "node:fs";
import { InvalidInputError, isSecretsError, quote } from "../errors.js";
import { fileError } from "../files/errno.js";
import { inspectPrivate } from "../files/private.js";
import { isTrackedByGit } from "../files/git-index.js";
import { confirm } from "./prompt.js";
import { readWholeInput } from "./read-descriptor.js";
import { readInputFile } from "./read-input-file.js";
import { canPrompt, say } from "./terminal.js";

/** What is imported: a file, or standard input. */
export interface ImportSource {
  /** For messages. */
  readonly label: string;
  /** `undefined` for standard input. */
  readonly file: string | undefined;
  readonly bytes: Uint8Array;
}

/** @param file - `-` for standard input @throws InvalidInputError */
export function readImportSource(file: string): ImportSource {
  if (file === "-") return { label: "standard input", file: undefined, bytes: readWholeInput() };
  return { label: file, file, bytes: readInputFile(file, (descriptor) => warnOfOthers(descriptor, file)) };
}

/** Offers to delete a file whose values are all in the store now; `wanted` is the answer of a script. */
export async function offerDeletion(source: ImportSource, wanted: boolean): Promise<boolean> {
  const { file } = source;
  if (file === undefined) return false;
  if (!wanted && !(await isConfirmed(`delete ${file}?`))) return false;
  deleteUnchanged(file, source.bytes);
  say(
    `mxm-secrets: ${quote(file)} is deleted, which erases nothing from backups, snapshots, journals, SSDs and git history`,
  );
  return true;
}

/** An answer that never comes is a no: what was imported stays so. */
async function isConfirmed(question: string): Promise<boolean> {
  if (!canPrompt()) return false;
  try {
    return await confirm(question, false);
  } catch (thrown) {
    if (isSecretsError(thrown) && thrown.code === "cancelled") return false;
    throw thrown;
  }
}

function deleteUnchanged(file: string, imported: Uint8Array): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new InvalidInputError(`${quote(file)} is a symbolic link and is not deleted`, {
      hint: `delete what it leads to: ${realpathSync(file)}`,
    });
  }
  if (!Buffer.from(readInputFile(file)).equals(imported)) {
    throw new InvalidInputError(`${quote(file)} was changed meanwhile and is not deleted`, { hint: "import it again" });
  }
  try {
    rmSync(file);
  } catch (thrown) {
    throw fileError("delete", file, thrown);
  }
}

function warnOfOthers(descriptor: number, file: string): void {
  const fault = inspectPrivate(file, fstatSync(descriptor));
  if (fault !== undefined) say(`mxm-secrets: ${fault.message}: ${fault.hint}`);
  if (!isTrackedByGit(realpathSync(file))) return;
  say(`mxm-secrets: git tracks ${quote(file)}: its history keeps these values; change them where they come from`);
}
