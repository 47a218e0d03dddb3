import { closeSync, fstatSync } from "node:fs";
import { withLock } from "../files/lock.js";
import { openRegular } from "../files/open-regular.js";
import { anchorPath, readAnchor, realLogPath } from "./anchor.js";
import type { Anchor, Head } from "./anchor.js";
import { followChain } from "./chain.js";
import type { AuditFault } from "./chain.js";

/** What {@link verifyAuditLog} found. The counts are of the records before the first fault. */
export interface AuditVerification {
  readonly records: number;
  /** Accesses that were decided, and how many of those were denied. */
  readonly decisions: number;
  readonly denied: number;
  /** Absent when the log is as it was written. */
  readonly fault?: AuditFault;
}

interface Where {
  readonly file: string;
  readonly stateDirectory: string;
}

/**
 * Checks the whole log: every record's hash, the chain, and its end against the anchor. Writers are held up only while
 * the size is taken.
 *
 * @returns zero counts and no fault for a log that was never begun
 * @throws UnavailableError when the log cannot be read, IntegrityError when its anchor is damaged
 */
export async function verifyAuditLog(where: Where): Promise<AuditVerification> {
  const file = realLogPath(where.file);
  const anchorFile = anchorPath(file, where.stateDirectory);
  const { anchor, descriptor, size } = await withLock(file, () => {
    const opened = open(file);
    return { anchor: readAnchor(anchorFile, file), ...opened };
  });
  if (descriptor === undefined) {
    const lost = anchor !== undefined && anchor.size > 0;
    const fault = {
      line: 1,
      kind: "removed",
      message: `the log is gone; it had ${anchor?.count ?? 0} records`,
    } as const;
    return { records: 0, decisions: 0, denied: 0, ...(lost ? { fault } : {}) };
  }
  try {
    return verifyOpened(descriptor, size, anchor);
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): { readonly descriptor: number | undefined; readonly size: number } {
  const descriptor = openRegular(file, { follow: false });
  return { descriptor, size: descriptor === undefined ? 0 : fstatSync(descriptor).size };
}

function verifyOpened(descriptor: number, size: number, anchor: Anchor | undefined): AuditVerification {
  const counts = { records: 0, decisions: 0, denied: 0 };
  const found: { anchored?: Head; next?: Head } = {};
  const chain = followChain(descriptor, size, (record, head) => {
    counts.records = head.count;
    if (head.size === anchor?.size) found.anchored = head;
    if (head.size === anchor?.next?.size) found.next = head;
    if (record.event !== "decision") return;
    counts.decisions++;
    if (record.verdict === "deny") counts.denied++;
  });
  const fault = anchorFault(chain.head, chain.fault, size, anchor, found);
  return fault === undefined ? counts : { ...counts, fault };
}

/** Sets the chain as it was found against the anchor; a fault of the chain alone comes first, except a cut-off end. */
function anchorFault(
  head: Head,
  fault: AuditFault | undefined,
  size: number,
  anchor: Anchor | undefined,
  found: { readonly anchored?: Head; readonly next?: Head },
): AuditFault | undefined {
  if (fault !== undefined && fault.kind !== "truncated") return fault;
  if (anchor === undefined) {
    const message = "the log was never anchored here, so that a missing end would not be seen";
    return fault ?? (size === 0 ? undefined : { line: head.count, kind: "unanchored", message });
  }
  if (size < anchor.size) {
    const message = `the end was cut off: ${head.count} of ${anchor.count} records are there`;
    return { line: head.count + 1, kind: "truncated", message };
  }
  if (anchor.size > 0 && found.anchored?.hash !== anchor.hash) {
    const message = `record ${anchor.count} is not the one that was written: the chain was made anew`;
    return { line: anchor.count, kind: "altered", message };
  }
  if (size === anchor.size || interrupted(size, anchor, found.next)) return undefined;
  const message = `what follows record ${anchor.count} was not written by this program`;
  return { line: anchor.count + 1, kind: "unanchored", message };
}

/** A writer was killed: the record it announced is there whole or in part; the next append puts that right. */
function interrupted(size: number, anchor: Anchor, next: Head | undefined): boolean {
  if (anchor.next === undefined || size > anchor.next.size) return false;
  return size < anchor.next.size || next?.hash === anchor.next.hash;
}
