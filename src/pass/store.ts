import type { GpgProgram } from "../gpg/program.js";

/** A store as the configuration describes it. Nothing of it has been looked at yet. */
export interface PassStore {
  /** The directory of the store, absolute. */
  readonly root: string;
  readonly gpg: GpgProgram;
  /** Whether a change is committed to the git repository the store is in. */
  readonly commit: boolean;
  /** Whose signature a `.gpg-id` must have, as full fingerprints; `undefined` when it need not be signed. */
  readonly signers: readonly string[] | undefined;
  /** The caller's environment, of which git gets a part. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
