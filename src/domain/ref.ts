/** A public name and where its value is kept, under which policy, with its documentation. */
export interface SecretRef {
  readonly name: string;
  readonly store: string;
  readonly path: string;
  readonly policy: string;
  readonly description?: string;
  readonly usedBy?: readonly string[];
  /** How often the value should change, in days. */
  readonly rotateEveryDays?: number;
  readonly owner?: string;
  /** What a rotation involves, in the team's words: `restart required`. */
  readonly rotation?: string;
}

/** Where a value really is. Never shown to the application. */
export interface ResolvedSecretLocation {
  readonly ref: string;
  readonly store: string;
  readonly backend: string;
  readonly path: string;
}
