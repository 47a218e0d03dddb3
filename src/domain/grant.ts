import { AccessDeniedError } from "../errors.js";
import type { Decision } from "./decision.js";
import type { Action } from "./policy.js";
import type { SecretRef } from "./ref.js";

/** What a valid grant tells a backend. */
export interface GrantedAccess {
  readonly name: string;
  /** The path of the value inside the store. */
  readonly path: string;
  readonly policy: string;
  readonly action: Action;
}

const issuing = Symbol("issuing");
let issue: (decision: Decision, action: Action, ref: SecretRef) => Grant;
let read: (candidate: unknown) => GrantedAccess | undefined;

/**
 * Proof that one Decision allowed one action on one SecretRef. Backends take a Grant, never a name. A grant can only be
 * made from an allowing decision by {@link issueGrant}, which the package does not export; anything else that looks
 * like one is refused at run time by {@link grantedAccess}.
 */
export class Grant {
  readonly #access: GrantedAccess;
  readonly name: string;
  readonly action: Action;

  /** Refuses every caller but {@link issueGrant}: `private` alone does not hold at run time. */
  private constructor(access: GrantedAccess, key: symbol) {
    if (key !== issuing) throw new AccessDeniedError("grants come from SecretsApi only; they cannot be constructed");
    this.#access = access;
    this.name = access.name;
    this.action = access.action;
    Object.freeze(this);
  }

  static {
    issue = (decision, action, ref) => {
      if (decision.verdict !== "allow") throw new AccessDeniedError(`no grant without an allowing decision`);
      return new Grant(Object.freeze({ name: ref.name, path: ref.path, policy: ref.policy, action }), issuing);
    };
    read = (candidate) =>
      typeof candidate === "object" && candidate !== null && #access in candidate ? candidate.#access : undefined;
  }
}

/** For `authorization/` alone (the import check holds this): turns an allowing decision into a grant. */
export function issueGrant(decision: Decision, action: Action, ref: SecretRef): Grant {
  return issue(decision, action, ref);
}

/**
 * What a grant allows, for backends. Call it first in every method.
 *
 * @throws AccessDeniedError when the object is not a grant this package made, or is for another action
 */
export function grantedAccess(grant: unknown, action: Action): GrantedAccess {
  const access = read(grant);
  if (access === undefined) {
    throw new AccessDeniedError("a backend was called without a grant", {
      hint: "grants come from SecretsApi only; they cannot be constructed",
    });
  }
  if (access.action !== action) {
    throw new AccessDeniedError(`a grant to ${access.action} was used to ${action}`);
  }
  return access;
}
