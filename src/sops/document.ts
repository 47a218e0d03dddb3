/** A field of the metadata as plain data. Maps have no prototype. */
export type MetadataValue = string | number | boolean | null | readonly MetadataValue[] | Metadata;
export interface Metadata {
  readonly [field: string]: MetadataValue;
}

/**
 * A scalar as SOPS understands it, whatever the file's format. What an encrypted leaf holds is a `str` that begins with
 * `ENC[`; whether it must is for the selectors in the metadata to say, not for its spelling.
 */
export type SopsScalar =
  | { readonly type: "str"; readonly value: string }
  /** Text that is not UTF-8 (`!!binary` in YAML, odd bytes in an env file). SOPS encrypts it as a `str`. */
  | { readonly type: "bytes"; readonly value: Uint8Array }
  /** 64 bits, signed. */
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  /** A timestamp of YAML; `value` is the text that SOPS hashes and encrypts: RFC 3339 with at most nine decimals. */
  | { readonly type: "time"; readonly value: string }
  /** Neither encrypted nor part of the MAC. */
  | { readonly type: "null" };

/** Keys of maps and indices of lists, from the root of one document. INI: section, key. Binary: `["data"]`. */
export type SopsPath = readonly (string | number)[];

/**
 * The comments in force at a leaf, innermost and latest first: those just before it and those just before each map or
 * list around it. For a leaf that is a comment, the first one is that comment itself. Comment selectors
 * (`encrypted_comment_regex`, `unencrypted_comment_regex`) look at these.
 */
export interface ActiveComment {
  readonly text: string;
  readonly previous: ActiveComment | undefined;
}

/** One value or comment, in the place where SOPS meets it when it walks the file. */
export interface SopsLeaf {
  readonly kind: "value" | "comment";
  /** Of a comment, the path of the map or list that it is in. */
  readonly path: SopsPath;
  /** As it stands in the file: encrypted or not. Of a comment, the text after `#` (`str` or `bytes`). */
  readonly scalar: SopsScalar;
  readonly comments: ActiveComment | undefined;
  /** Which YAML document it is in, from 0. */
  readonly document: number;
  /** From 1. */
  readonly line: number;
}

/** What `locate` found at an address. */
export interface SopsLocation {
  /** The address with its indices told from its keys; of what is not there, the path that adding it would give. */
  readonly path: SopsPath;
  /** `undefined` when nothing is there. */
  readonly leaf: SopsLeaf | undefined;
}

/** What to change. Everything that is not named stays as it is, byte for byte. */
export interface SopsChanges {
  /** Leaves of this document and what to write instead. A scalar may change its type (`5` becomes `ENC[…]`). */
  readonly replace?: ReadonlyMap<SopsLeaf, SopsScalar>;
  /** Values to add to the first document; missing maps around them are made. */
  readonly add?: readonly { readonly path: SopsPath; readonly scalar: SopsScalar }[];
  /** Values to remove with their keys. The map or list they were in stays, empty if need be. */
  readonly remove?: readonly SopsLeaf[];
  /**
   * Top-level fields of the metadata to write, in all documents that have metadata, or in all documents if none has;
   * `undefined` removes one. New fields are put in alphabetical order, as SOPS does.
   */
  readonly metadata?: ReadonlyMap<string, MetadataValue | undefined>;
}

/** A SOPS file, or a plain file in one of its formats, taken apart. Knows no keys and no file system. */
export interface SopsDocument {
  /** In the order in which SOPS walks them for the MAC, over all documents; without the metadata. */
  readonly leaves: readonly SopsLeaf[];
  /**
   * The `sops` part of the first document as plain data, unflattened. Env and INI files hold text only: there numbers
   * and booleans are strings too. `undefined` when the file has none, and so is not encrypted by SOPS.
   */
  readonly metadata: Metadata | undefined;
  /**
   * Finds a value by its address: keys and indices (from 0) joined by `/`. The first document that has it counts.
   *
   * @throws InvalidInputError when a map or list is there, or a value stands where a map or list is needed
   */
  readonly locate: (address: string) => SopsLocation;
  /**
   * The bytes of the file with the changes made. Nothing of the document itself changes: parse the result to go on.
   *
   * @throws InvalidInputError for a value that the format cannot hold or a path that cannot be added
   * @throws UnsupportedError when the value is shared with another place by a YAML alias
   */
  readonly edit: (changes: SopsChanges) => Uint8Array;
}

/** What a new file is made of. Maps keep their order. */
export type SopsTree = SopsScalar | readonly SopsTree[] | ReadonlyMap<string, SopsTree>;

/** One of the formats of SOPS. */
export interface SopsFormat {
  readonly name: "yaml" | "json" | "dotenv" | "ini" | "binary";
  /** With the dot; empty for `binary`, which is every other. */
  readonly extensions: readonly string[];
  /**
   * @param file - its name, for errors
   * @throws IntegrityError, located (`problems`), for what SOPS could not read; it never holds a value
   */
  readonly parse: (bytes: Uint8Array, file: string) => Promise<SopsDocument>;
  /**
   * A new, plain file as SOPS lays it out. To encrypt it: parse it, then `edit` with every leaf replaced and the whole
   * metadata.
   *
   * @throws InvalidInputError for a tree that the format cannot hold
   */
  readonly create: (tree: ReadonlyMap<string, SopsTree>) => Promise<Uint8Array>;
}
