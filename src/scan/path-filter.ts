/**
 * Whether a path is one of several, or below one of them.
 *
 * @param roots - without a `/` at the end; the empty one has everything below it
 */
export function isBelow(roots: readonly string[]): (path: Uint8Array) => boolean {
  const prefixes = roots.map((root) => Buffer.from(root));
  const slash = "/".charCodeAt(0);
  return (path) =>
    prefixes.some(
      (prefix) =>
        prefix.length === 0 ||
        ((path.length === prefix.length || path[prefix.length] === slash) &&
          prefix.equals(path.subarray(0, prefix.length))),
    );
}
