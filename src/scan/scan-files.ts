import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { filesToScan, pathFrom } from "./files-to-scan.js";
import type { FileSelection, ListedFile } from "./files-to-scan.js";
import { findingsIn } from "./finding.js";
import type { Finding, Unread } from "./finding.js";
import { allOf } from "./inspector.js";
import type { Inspector, Seen } from "./inspector.js";
import { isBelow } from "./path-filter.js";

export interface FileScan extends FileSelection {
  /** Files that hold plaintext on purpose: passed over where no repository could give them away. */
  readonly ownFiles: ReadonlySet<string>;
  /** Absolute paths that are left out, with what is below them. */
  readonly excluded: readonly string[];
}

/**
 * Examines files as they are on disk.
 *
 * @returns findings, and what could not be read
 * @throws InvalidInputError for a path that is not there, and for a bare repository
 */
export async function scanFiles(
  inspector: Inspector,
  scan: FileScan,
): Promise<{ readonly findings: readonly Finding[]; readonly unread: readonly Unread[] }> {
  const findings: Finding[] = [];
  const unread: Unread[] = [];
  const seen = new Set<string>();
  const isExcluded = isBelow(scan.excluded);
  for await (const listed of filesToScan(scan)) {
    const { path } = listed;
    const key = path.toString("latin1");
    if (seen.has(key)) continue;
    seen.add(key);
    if (isExcluded(path)) continue;
    const file = inspector.shown(pathFrom(scan.workingDirectory, path));
    if ("reason" in listed) {
      unread.push({ file, reason: listed.reason });
      continue;
    }
    if (!listed.inRepository && scan.ownFiles.has(path.toString("utf8"))) continue;
    try {
      findings.push(...findingsIn(allOf(examine(inspector, listed)), file));
    } catch (thrown) {
      if (errnoOf(thrown) === undefined) throw thrown;
      inspector.end();
      unread.push({ file, reason: errnoInWords(thrown) });
    }
  }
  return { findings, unread };
}

const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** @throws the system's error for what cannot be read; what is gone, or is no file, holds nothing */
function examine(inspector: Inspector, { path, name, inRepository }: ListedFile): Seen {
  inspector.begin(name, inRepository);
  let descriptor: number;
  try {
    descriptor = openSync(path, openFlags);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ELOOP") inspector.write(readlinkSync(path, { encoding: "buffer" }));
    // Deleted and not yet removed from the index; a socket; a device without a driver.
    else if (errno !== "ENOENT" && errno !== "ENOTDIR" && errno !== "ENXIO" && errno !== "ENODEV") throw thrown;
    return inspector.end();
  }
  try {
    if (fstatSync(descriptor).isFile()) readWhole(inspector, descriptor);
  } finally {
    closeSync(descriptor);
  }
  return inspector.end();
}

function readWhole(inspector: Inspector, descriptor: number): void {
  for (let count = 1; count > 0;) count = inspector.fill((...space) => readSync(descriptor, ...space, null));
}
