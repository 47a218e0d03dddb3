/** Occurrences that overlap, masked as one. */
export interface Cluster {
  readonly start: number;
  /** Behind the last byte of any. */
  readonly end: number;
  /** The name of the longest occurrence; of the first of several as long. */
  readonly name: string;
  /** The length of the longest occurrence in bytes. */
  readonly longest: number;
}

/** What stands in the place of a value. */
export function markerOf(name: string): string {
  return `[secret ${name}]`;
}

/**
 * Merges occurrences that overlap into clusters. Those that only touch stay apart.
 *
 * @param open - a cluster from before, which the first ones may belong to
 */
export function makeClusters(open: Cluster | undefined): {
  /** Adds an occurrence that begins where the one before it begins, or later. */
  readonly add: (start: number, end: number, name: string) => void;
  readonly clusters: readonly Cluster[];
} {
  const clusters: { -readonly [Key in keyof Cluster]: Cluster[Key] }[] = [];
  let last = open === undefined ? undefined : { ...open };
  if (last !== undefined) clusters.push(last);
  const add = (start: number, end: number, name: string): void => {
    const length = end - start;
    if (last === undefined || start >= last.end) {
      last = { start, end, name, longest: length };
      clusters.push(last);
      return;
    }
    if (end > last.end) last.end = end;
    if (length > last.longest) {
      last.longest = length;
      last.name = name;
    }
  };
  return { add, clusters };
}
