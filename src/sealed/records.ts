/** The first line of every sealed store. */
export const magic = "mxm-secrets/sealed/1";

/** One event of the append-only log of writers. Keys and signatures are base64. */
export interface WriterEvent {
  readonly seq: number;
  readonly action: "add" | "remove";
  /** The Ed25519 public key that gains or loses the right to sign. */
  readonly key: string;
  readonly name: string;
  /** The key that signed this event. */
  readonly by: string;
  readonly signature: string;
}

/** A set of values under one key; there is one for each policy. */
export interface CompartmentRecord {
  readonly policy: string;
  /** How often the compartment has been given a new key, from 1. */
  readonly epoch: number;
}

/** A compartment's key, encrypted to one keyholder. */
export interface RecipientRecord {
  readonly policy: string;
  /** The keyholder's name. */
  readonly name: string;
  /** An age recipient. */
  readonly recipient: string;
  /** A whole binary age file with this one recipient, in base64; its plaintext is the compartment key. */
  readonly wrapped: string;
}

/** One encrypted value. */
export interface SecretRecord {
  readonly path: string;
  readonly policy: string;
  /** How often this path has been written, from 1. */
  readonly version: number;
  /** `text` when the value is valid UTF-8. */
  readonly type: "text" | "bytes";
  /** RFC 3339, UTC, whole seconds. */
  readonly updated: string;
  /** Base64 of 12 bytes nonce, ciphertext and 16 bytes tag. */
  readonly sealed: string;
}

/** Everything before the secrets. */
export interface SealedHead {
  /** Base64 of 16 random bytes. */
  readonly storeId: string;
  /** Raised by one with each write. */
  readonly generation: number;
  readonly writers: readonly WriterEvent[];
  readonly compartments: readonly CompartmentRecord[];
  readonly recipients: readonly RecipientRecord[];
}

/** What is signed. */
export interface SealedContents extends SealedHead {
  readonly secrets: readonly SecretRecord[];
}

export interface FileSignature {
  readonly key: string;
  readonly signature: string;
}
