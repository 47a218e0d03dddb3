import type { Backend, BackendContext, BackendDefinition } from "./contract.js";

/** One fresh store of the backend under test. */
export interface ContractStore {
  readonly options: Readonly<Record<string, unknown>>;
  /** Merged over a context whose directories do not exist; give your own where your backend uses them. */
  readonly context?: Partial<BackendContext>;
  /** Paths that must hold these values before a case starts, and how to put them there when the backend cannot write. */
  readonly seed?: (values: ReadonlyMap<string, Uint8Array>) => Promise<void> | void;
}

export interface ContractSetup {
  readonly definition: BackendDefinition;
  /** Makes an empty, healthy store; called once for each case. */
  readonly store: () => Promise<ContractStore> | ContractStore;
  /** Three paths the backend can hold. Default: `alpha`, `beta`, `gamma`. */
  readonly paths?: readonly [string, string, string];
  /** Values the backend says it keeps byte for byte. Default: text, empty, several lines, Unicode, every byte. */
  readonly values?: readonly Uint8Array[];
  /**
   * For each way to fail a reader, makes a store that holds {@link hiddenValue} at the first path and fails so; or says in
   * a sentence why this backend knows no such state.
   */
  readonly states: Readonly<Record<BrokenState, (() => Promise<ContractStore> | ContractStore) | string>>;
  /** Paths at the edge of the grammar: the longest and oddest that are held, and those just past it. */
  readonly names: { readonly held: readonly string[]; readonly refused: readonly string[] };
  /** The longest value to try, in bytes. Default: the limit of the definition, for which there must be memory. */
  readonly largest?: number;
  /** A store whose reads never end by themselves, so that the signal must end them; or why no read waits for anything. */
  readonly slow: (() => Promise<SlowStore> | SlowStore) | string;
  /** A store that counts how many reads are under way at once; or why there is never more than one. */
  readonly concurrency:
    | { readonly most: number; readonly store: () => Promise<CountingStore> | CountingStore }
    | string;
}

/** The ways a store can fail a reader. Absence is none of them. */
export type BrokenState = "denied" | "locked" | "unavailable" | "corrupt";

export interface SlowStore extends ContractStore {
  /** Resolves when a read waits, so that it is not cancelled before it began. */
  readonly waiting: () => Promise<void>;
  /** How many programs or connections are still there after the read was cancelled. */
  readonly left: () => Promise<number> | number;
}

export interface CountingStore extends ContractStore {
  /** The most that were under way at once so far. */
  readonly peak: () => Promise<number> | number;
}

/** What the stores of {@link ContractSetup.states} hold: it must not be in any error. */
export const hiddenValue = "canary-of-the-contract-3f9c";

/** One promise of the contract. `run` rejects with an AssertionError when it is broken. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Opens a store that holds these values: a fresh one, or the one given. */
export type Open = (seeded: ReadonlyMap<string, Uint8Array>, store?: ContractStore) => Promise<Backend>;
