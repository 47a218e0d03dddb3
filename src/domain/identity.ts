/**
 * The running process that asks. Always passed in by the caller; the library never infers it.
 * `machine` is an unqualified host name, `substrate` one of `local-process`, `docker-container`, ….
 */
export interface RuntimeIdentity {
  readonly app?: string;
  readonly environment: string;
  readonly machine: string;
  readonly substrate?: string;
  readonly role: string;
}

/** The fields of an identity, in the order they are shown. */
export const identityFields = ["role", "environment", "machine", "app", "substrate"] as const;
export type IdentityField = (typeof identityFields)[number];

/** How far an identity is proved, weakest first. */
export const assurances = ["claimed", "attested", "verified"] as const;
export type Assurance = (typeof assurances)[number];

/** Whether `actual` is at least as strong as `required`. */
export function assuranceReaches(actual: Assurance, required: Assurance): boolean {
  return assurances.indexOf(actual) >= assurances.indexOf(required);
}

const proving = Symbol("proving");
let prove: (identity: RuntimeIdentity, assurance: Assurance) => ProvenIdentity;
let assuranceOf: (identity: RuntimeIdentity | ProvenIdentity) => Assurance;

/**
 * An identity together with how far it was proved. Only {@link proveIdentity} makes one; a look-alike object is treated
 * as no more than a claim.
 */
export class ProvenIdentity {
  readonly #assurance: Assurance;
  readonly identity: RuntimeIdentity;

  /** Refuses every caller but {@link proveIdentity}: `private` alone does not hold at run time. */
  private constructor(identity: RuntimeIdentity, assurance: Assurance, key: symbol) {
    if (key !== proving) throw new TypeError("a proven identity cannot be constructed");
    this.identity = Object.freeze({ ...identity });
    this.#assurance = assurance;
    Object.freeze(this);
  }

  static {
    prove = (identity, assurance) => new ProvenIdentity(identity, assurance, proving);
    assuranceOf = (identity) => (#assurance in identity ? identity.#assurance : "claimed");
  }
}

/** For `runtime/` and token verifiers alone (the import check holds this): records what they found. */
export function proveIdentity(identity: RuntimeIdentity, assurance: Assurance): ProvenIdentity {
  return prove(identity, assurance);
}

/** The plain identity and its assurance, whichever form the caller passed. */
export function factsOf(identity: RuntimeIdentity | ProvenIdentity): {
  readonly identity: RuntimeIdentity;
  readonly assurance: Assurance;
} {
  return {
    identity: identity instanceof ProvenIdentity ? identity.identity : identity,
    assurance: assuranceOf(identity),
  };
}
