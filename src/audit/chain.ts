import { emptyHead } from "./anchor.js";
import type { Head } from "./anchor.js";
import { readLines } from "./lines.js";
import { parseRecord } from "./canonical.js";
import type { AuditRecord } from "./record.js";

/** What is wrong with a log, and where first. */
export interface AuditFault {
  /** The line, from 1, of the first record that is not as it was written or not where it belongs. */
  readonly line: number;
  readonly kind: "altered" | "removed" | "reordered" | "truncated" | "unanchored";
  readonly message: string;
}

/** The end of a chain that is whole, or the first fault in it and the end of what is whole before it. */
export interface Chain {
  readonly head: Head;
  readonly fault?: AuditFault;
}

/**
 * Follows the chain through the first `size` bytes of an open log.
 *
 * @param visit - called with every good record and the head after it
 */
export function followChain(
  descriptor: number,
  size: number,
  visit: (record: AuditRecord, head: Head) => void = () => undefined,
): Chain {
  let head = emptyHead;
  for (const line of readLines(descriptor, size)) {
    const { number } = line;
    if (!line.complete) {
      return { head, fault: { line: number, kind: "truncated", message: `line ${number} ends in the middle` } };
    }
    const record = parseRecord(line.text);
    if (record === undefined) {
      return { head, fault: { line: number, kind: "altered", message: `line ${number} was altered` } };
    }
    if (record.previous !== head.hash) return { head, fault: misplaced(descriptor, size, number, head) };
    head = { size: line.end, hash: record.hash, count: number };
    visit(record, head);
  }
  return { head };
}

/** The record that belongs at a line is either somewhere below, then they were reordered, or gone. */
function misplaced(descriptor: number, size: number, number: number, head: Head): AuditFault {
  for (const line of readLines(descriptor, size)) {
    if (line.number > number && parseRecord(line.text)?.previous === head.hash) {
      const message = `line ${number} is not where it was written; the record that belongs there is line ${line.number}`;
      return { line: number, kind: "reordered", message };
    }
  }
  const message =
    number === 1
      ? "line 1 is not the first record: those before it were removed"
      : `line ${number} does not follow line ${number - 1}: records between them were removed, or line ${number - 1} was replaced`;
  return { line: number, kind: "removed", message };
}
