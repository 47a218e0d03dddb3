import type { Occurrence } from "./masked-forms.js";

/** Occurrences that overlap, masked as one. */
export interface Cluster {
  readonly start: number;
  readonly end: number;
  /** The name of the longest occurrence; of the first of several as long. */
  readonly name: string;
  /** The length of the longest occurrence in bytes. */
  readonly longest: number;
}

/**
 * Merges occurrences that overlap. Those that only touch stay apart.
 *
 * @param found - in the order of their starts
 * @param open - a cluster from before, which the first ones may belong to
 */
export function clustersOf(found: readonly Occurrence[], open: Cluster | undefined): readonly Cluster[] {
  const clusters: Cluster[] = [];
  let last = open;
  for (const { start, end, name } of found) {
    const length = end - start;
    if (last !== undefined && start < last.end) {
      const isLonger = length > last.longest;
      last = {
        start: last.start,
        end: Math.max(last.end, end),
        name: isLonger ? name : last.name,
        longest: isLonger ? length : last.longest,
      };
    } else {
      if (last !== undefined) clusters.push(last);
      last = { start, end, name, longest: length };
    }
  }
  if (last !== undefined) clusters.push(last);
  return clusters;
}

/** What stands in the place of a value. */
export function markerOf(name: string): string {
  return `[secret ${name}]`;
}
