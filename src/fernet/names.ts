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
  return [...byOlderName([...new Set(names)], (name) => name).values()].filter((group) => group.length > 1);
}

/** Things by the older form of their name, in their order. Those of whose name nothing is left are left out. */
export function byOlderName<T>(things: readonly T[], nameOf: (thing: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const name = olderName(nameOf(thing));
    if (name === "") continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [thing]);
    else group.push(thing);
  }
  return groups;
}
