import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Secret } from "../../domain/secret.js";
import { fileError } from "../../files/errno.js";
import { newOwner } from "../../files/owner.js";
import type { Owner } from "../../files/owner.js";
import { directoryPrefix } from "./abandoned-files.js";

/** Secrets that lie in files for as long as a program runs. */
export interface SecretFiles {
  readonly pathOf: (name: string) => string;
  /** @throws UnavailableError when they cannot be removed */
  readonly remove: () => void;
}

/**
 * Writes each secret to a file of its own name, 0600, in a new directory of this user's, 0700, whose name tells which
 * process it belongs to. They are removed at the latest when this process exits by itself.
 *
 * @param place - a directory on a file system in memory
 * @throws UnavailableError when they cannot be written; none is left then
 */
export async function writeSecretFiles(place: string, secrets: readonly Secret[]): Promise<SecretFiles> {
  const directory = join(place, directoryName(await newOwner()));
  const remove = (): void => {
    process.off("exit", removeAtExit);
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch (error) {
      throw fileError("remove", directory, error, "it holds values of secrets: remove it");
    }
  };
  const removeAtExit = (): void => rmSync(directory, { recursive: true, force: true });
  const pathOf = (name: string): string => join(directory, name);
  process.once("exit", removeAtExit);
  try {
    mkdirSync(directory, { mode: 0o700 });
    for (const secret of secrets) writeFileSync(pathOf(secret.name), secret.bytes(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    remove();
    throw fileError("write", directory, error);
  }
  return { pathOf, remove };
}

/** As `removeAbandonedFiles` reads it. */
function directoryName({ host, pid, start = "0", nonce }: Owner): string {
  return `${directoryPrefix}${hostMark(host)}-${pid}-${start}-${nonce}`;
}

/** Stands for a host, its boot and pid namespace: only processes that share them can tell whether another one runs. */
export function hostMark(host: string): string {
  return createHash("sha256").update(host).digest("hex").slice(0, 16);
}
