import type { UnavailableReason } from "../errors.js";
import type { Grant } from "../domain/grant.js";
import type { Keyholder } from "../domain/keyholder.js";
import type { OptionTable } from "../domain/store.js";

export type { OptionRow, OptionTable } from "../domain/store.js";

/** Options of one call, passed down from the caller. */
export interface BackendCall {
  /** Fires when the caller gives up; a backend stops its work and throws CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Takes one line about how the request went (`skipped red: gopass is not installed`), never a value. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Takes one line about what was done and the caller may not expect, never a value. */
  readonly warn?: ((line: string) => void) | undefined;
}

/** Options of a write. */
export interface WriteCall extends BackendCall {
  /** The time to keep for a value that is moved and not changed, in milliseconds since the epoch; else it is the present. */
  readonly lastChanged?: number | undefined;
}

/** One thing that `check` has to say about a store. `message` and `hint` as in errors: one line each, never a value. */
export interface Finding {
  readonly severity: "problem" | "warning";
  readonly message: string;
  readonly hint?: string;
  /** The error code the same state would give a reader, when there is one. */
  readonly code?: "absent" | "configuration" | "unavailable" | "locked" | "integrity";
  /** With code `unavailable`: why, as a chain judges it. */
  readonly unavailable?: UnavailableReason;
  /** The store it is about, where another one reports it: a member of a chain. */
  readonly store?: string;
}

/** What is known of one path without reading its value. `unreadable`: it is there, this caller has no key for it. */
export type Presence = "present" | "absent" | "unreadable" | "unknown";

/** The state of a store and of the paths asked about, without any value. */
export interface StoreReport {
  readonly findings: readonly Finding[];
  readonly presence: ReadonlyMap<string, Presence>;
}

/** Code that can read (and perhaps write, list, delete) in one kind of store. Made by {@link BackendDefinition.open}. */
export interface Backend {
  /**
   * One value.
   *
   * @returns its bytes, or `undefined` when the store is healthy and holds no such value
   * @throws LockedError, UnavailableError, IntegrityError, …: never `undefined` for any of these
   */
  read(grant: Grant, call: BackendCall): Promise<Uint8Array | undefined>;

  /** Several values at the cost of one opening, in the order asked. Without it, {@link Backend.read} is called for each. */
  readMany?(grants: readonly Grant[], call: BackendCall): Promise<readonly (Uint8Array | undefined)[]>;

  /** Stores or replaces one value; resolves only when it is durable. */
  write?(grant: Grant, value: Uint8Array, call: WriteCall): Promise<void>;

  /** Removes one value. @returns `false` when there was none */
  delete?(grant: Grant, call: BackendCall): Promise<boolean>;

  /** Every path in the store, sorted. Names only. */
  list?(call: BackendCall): Promise<readonly string[]>;

  /**
   * When each value was last written, without any value and, unless names are encrypted too, without a key. A new wrapping of the same value (other
   * recipients, another path) does not count. Leave it out where the store does not know.
   *
   * @returns milliseconds since the epoch for each of these paths that the store holds, `undefined` where the time is not
   *   known; a path it does not hold is left out
   * @throws as {@link Backend.read} does
   */
  changed?(paths: readonly string[], call: BackendCall): Promise<ReadonlyMap<string, number | undefined>>;

  /** Value-free readiness of the store and presence of the given paths. Reports, never throws, for an unhealthy store. */
  check?(
    paths: readonly string[],
    call: BackendCall,
    /** The policy the configuration gives each path: a store that files values by policy reports a difference. */
    policies: ReadonlyMap<string, string>,
  ): Promise<StoreReport>;
}

/** A configured store, ready to be asked. */
export interface OpenedStore {
  readonly name: string;
  readonly definition: BackendDefinition;
  readonly backend: Backend;
}

/** What a backend may know of its surroundings. The same for all stores of one SecretsApi. */
export interface BackendContext {
  /** Relative file options are taken from here. */
  readonly baseDirectory: string;
  /** The environment variables, as the caller passed them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a variable holds a key or passphrase of this configuration; `MXM_…` is this program's own in any case. */
  readonly isOwnVariable?: ((name: string) => boolean) | undefined;
  /** Whether a file, by its path without links, holds the key of a store of this configuration. */
  readonly isOwnFile?: ((real: string) => boolean) | undefined;
  /** Where this user's pins and high-water marks live. */
  readonly stateDirectory: string;
  /** Current time, milliseconds since the epoch. */
  readonly now: () => number;
  /** The keyholders that may decrypt what a policy protects; `undefined` when no keyholders are configured. */
  readonly keyholdersFor: (policy: string) => readonly Keyholder[] | undefined;
  /** All keyholders of the configuration; `undefined` when none are configured. */
  readonly keyholders?: readonly Keyholder[] | undefined;
  /** The paths of the configured refs in a store. */
  readonly pathsIn?: ((store: string) => readonly string[]) | undefined;
  /** Another configured store, for a chain. @throws ConfigurationError for an unknown one */
  readonly openStore: (name: string) => OpenedStore;
  /** Accept a group- or world-readable plaintext file, because the user said so on the command line. */
  readonly allowInsecurePermissions: boolean;
  /** Asks a person for a passphrase. Absent, or `undefined` as the answer: nobody can be asked. */
  readonly askPassphrase?: ((question: string) => Promise<string | undefined>) | undefined;
}

/** The names a backend can hold. */
export interface PathGrammar {
  /** In words, for messages and help. */
  readonly description: string;
  /** @returns what is wrong with a path, or `undefined`; the common path rules were checked before */
  readonly fault: (path: string) => string | undefined;
}

/** One kind of store: a row of the registry. */
export interface BackendDefinition {
  /** The word used as `backend:` in the configuration. */
  readonly kind: string;
  /** One line for help and documentation. */
  readonly description: string;
  readonly options: OptionTable;
  readonly paths: PathGrammar;
  /** The longest value it can hold, in bytes. */
  readonly maximumValueBytes: number;
  readonly can: { readonly write: boolean; readonly delete: boolean; readonly list: boolean };
  /** Whether what is written is gone with the process that wrote it. */
  readonly endsWithProcess?: boolean;
  /** Who refuses a reader the policy does not allow: the cryptography, the store's server, or only this program. */
  readonly enforcement: "cryptographic" | "server" | "advisory";
  /** The same for one store, where it depends on the form its data has now. Reads no value. */
  readonly presentEnforcement?: (
    store: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
    context: BackendContext,
  ) => BackendDefinition["enforcement"];
  /** Makes the backend for one store. Must not touch the store: that happens when a grant comes. */
  readonly open: (
    store: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
    context: BackendContext,
  ) => Backend;
}

/** Any path that passes the common rules. */
export const anyPath: PathGrammar = { description: "any relative path", fault: () => undefined };

/**
 * Declares a backend of your own, to be passed as `SecretsApi.fromConfigData(data, { backends: [mine] })`.
 *
 * @throws TypeError when the kind is not an identifier
 */
export function defineBackend<const D extends BackendDefinition>(definition: D): D {
  if (!/^[a-z][a-z0-9_]*$/.test(definition.kind)) throw new TypeError("a backend's kind must match ^[a-z][a-z0-9_]*$");
  return Object.freeze(definition);
}
