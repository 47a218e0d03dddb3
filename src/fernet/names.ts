/**
 * The name a path or a name has in the older file: upper case, every run of characters outside `[A-Z0-9_]` and of `_`
 * itself as one `_`, none at either end.
 *
 * @returns an empty text when nothing is left
 */
export function olderName(path: string): string {
  return path
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .replace(/_+/g, "_")
    .replace(/^_|_$/g, "");
}

/** Names that are one in the older file, first to last; each group has two or more. */
export function collidingNames(names: Iterable<string>): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of new Set(names)) {
    const older = olderName(name);
    groups.set(older, [...(groups.get(older) ?? []), name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
