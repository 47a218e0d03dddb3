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

/**
 * An identity together with how far it was proved. Only `runtime/` makes one above `claimed`; a look-alike object is
 * treated as no more than a claim, because {@link assuranceOf} accepts this class alone.
 */
export class ProvenIdentity {
  readonly #assurance: Assurance;
  readonly identity: RuntimeIdentity;

  private constructor(identity: RuntimeIdentity, assurance: Assurance) {
    this.identity = Object.freeze({ ...identity });
    this.#assurance = assurance;
    Object.freeze(this);
  }

  /** For `runtime/` and token verifiers: records what they found. Not exported from the package. */
  static prove(identity: RuntimeIdentity, assurance: Assurance): ProvenIdentity {
    return new ProvenIdentity(identity, assurance);
  }

  static assuranceOf(identity: RuntimeIdentity | ProvenIdentity): Assurance {
    return identity instanceof ProvenIdentity && #assurance in identity ? identity.#assurance : "claimed";
  }
}

/** The plain identity and its assurance, whichever form the caller passed. */
export function factsOf(identity: RuntimeIdentity | ProvenIdentity): {
  readonly identity: RuntimeIdentity;
  readonly assurance: Assurance;
} {
  return {
    identity: identity instanceof ProvenIdentity ? identity.identity : identity,
    assurance: ProvenIdentity.assuranceOf(identity),
  };
}
