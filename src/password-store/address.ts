/** The part of a `path#key` that says which part of the body is meant; `undefined` when the whole is. */
export interface EntryAddress {
  readonly entry: string;
  readonly key: string | undefined;
}

/** `prod/db#user` → entry `prod/db`, key `user`: everything after the first `#` is the key. */
export function parseAddress(path: string): EntryAddress {
  const at = path.indexOf("#");
  return at < 0 ? { entry: path, key: undefined } : { entry: path.slice(0, at), key: path.slice(at + 1) };
}
