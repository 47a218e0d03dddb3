import { statfsSync } from "node:fs";
import type { Stats } from "node:fs";
import { inspectPrivate } from "../files/private.js";
import type { PrivateFault } from "../files/private.js";

/** How well a file keeps its secret, in the words of `systemd-creds list`. */
export type Grade = "secure" | "weak" | "insecure";

/** A file system that lives in memory; `undefined` for any other, and where the system does not say. */
export type MemoryFileSystem = "ramfs" | "tmpfs" | undefined;

/** `linux/magic.h` */
const fileSystems: ReadonlyMap<number, MemoryFileSystem> = new Map([
  [0x858458f6, "ramfs"],
  [0x01021994, "tmpfs"],
]);

/**
 * As `systemd-creds list` grades (systemd-creds(1), since version 250): `insecure` with any permission but the owner's to
 * read (mode 0400), `secure` in memory that is never swapped (ramfs), `weak` anywhere else.
 */
export function gradeOf(mode: number, fileSystem: MemoryFileSystem): Grade {
  if ((mode & 0o377) !== 0) return "insecure";
  return fileSystem === "ramfs" ? "secure" : "weak";
}

/** Where a file lies. Never throws. */
export function memoryFileSystem(file: string): MemoryFileSystem {
  if (process.platform !== "linux") return undefined;
  try {
    return fileSystems.get(statfsSync(file).type >>> 0);
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with the permissions of a file, or `undefined`. A container engine, kubelet or systemd decides on the mode
 * of what it puts there (Docker 0444, Kubernetes 0644), and on who is in the container to read it: only other files must
 * be closed to the group and to others.
 *
 * @param real - the file without links
 * @param status - from `fstat` of the opened file
 */
export function permissionFault(real: string, status: Stats): PrivateFault | undefined {
  const fault = inspectPrivate(real, status);
  return fault === undefined || isDelivered(real) ? undefined : fault;
}

/**
 * In memory, below `/run` (Compose mounts files of the disk there), or in a generation of a Kubernetes volume, whose
 * directory is the only one that begins with two dots.
 */
function isDelivered(real: string): boolean {
  return real.startsWith("/run/") || /\/\.\.[^/]+\//.test(real) || memoryFileSystem(real) !== undefined;
}
