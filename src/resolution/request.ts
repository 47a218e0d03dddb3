import { InvalidInputError, isSecretsError, quote, UnknownNameError } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { factsOf } from "../domain/identity.js";
import type { IdentityField, ProvenIdentity, RuntimeIdentity } from "../domain/identity.js";
import { canonicalSecretName, nearest } from "../domain/names.js";
import type { Action, SecretPolicy } from "../domain/policy.js";
import { principalOf } from "../domain/principal.js";
import type { PrincipalRule } from "../domain/principal.js";
import type { Decision } from "../domain/decision.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretName } from "../domain/secret-names.js";
import { authorize, denyByDefault } from "../authorization/authorize.js";
import type { AccessFacts } from "../authorization/conditions.js";
import type { SecretPolicyRegistry, SecretRefRegistry } from "./registries.js";
import { checkRequest, checkRequests } from "./request-shape.js";

/** What every request says. */
export interface AccessRequest {
  /** `databento_api_key`, or `DATABENTO_API_KEY` for the same. */
  readonly secretName: SecretName;
  readonly identity: RuntimeIdentity | ProvenIdentity;
  /** Why, in the caller's words; kept in the audit log, and demanded by some policies. */
  readonly reason?: string | undefined;
}

/** A request after its decision, before any store was touched. */
export interface DecidedRequest {
  readonly ref: SecretRef;
  readonly policy: SecretPolicy | undefined;
  readonly facts: AccessFacts;
  readonly decision: Decision;
}

/** What a decision needs to know. */
export interface DecisionContext {
  readonly refs: SecretRefRegistry;
  readonly policies: SecretPolicyRegistry;
  readonly principals: readonly PrincipalRule[] | undefined;
  readonly now: () => number;
}

/** Name → ref → principal → decision. Touches nothing. @throws UnknownNameError, InvalidInputError */
export function decide(request: AccessRequest, action: Action, context: DecisionContext): DecidedRequest {
  const { decided, faults } = decideAll([request], action, context);
  const [one] = decided;
  if (one !== undefined) return one;
  throw faults[0]?.error ?? new InvalidInputError("expected one request");
}

/**
 * What is known of who asks. All that is taken from the caller is copied before the first `await`: what is decided is
 * what is on record, whatever becomes of the caller's objects. Within one batch an identity is looked at once.
 */
function factFinder(action: Action, context: DecisionContext): (request: AccessRequest) => AccessFacts {
  const now = context.now();
  let last: { readonly identity: unknown; readonly reason: unknown; readonly facts: AccessFacts } | undefined;
  return ({ identity: given, reason: why }) => {
    if (last !== undefined && last.identity === given && last.reason === why) return last.facts;
    const { identity, assurance } = copyIdentity(given);
    const principal = principalOf(identity, context.principals);
    const reason = optionalString(why, "reason");
    const facts = { identity, assurance, principal, action, reason, now };
    last = { identity: given, reason: why, facts };
    return facts;
  };
}

/** A denial that goes on record, of a name that need not be configured. */
export interface Denial {
  readonly facts: AccessFacts;
  readonly decision: Decision;
  readonly ref: { readonly name: string; readonly store: undefined };
}

/** Why a request cannot be decided. */
export interface FaultyRequest {
  readonly error: AnySecretsError;
  /** For a name that is not configured: whoever asked for it was refused by default. */
  readonly denial: Denial | undefined;
}

/**
 * As {@link decide} for several; a request that cannot be decided is among the faults, in the order asked. Two requests
 * with the same policy and the same facts share their decision: {@link authorize} is pure.
 */
export function decideAll(
  requests: readonly AccessRequest[],
  action: Action,
  context: DecisionContext,
): { readonly decided: readonly DecidedRequest[]; readonly faults: readonly FaultyRequest[] } {
  checkRequests(requests);
  const factsFor = factFinder(action, context);
  const decided: DecidedRequest[] = [];
  const faults: FaultyRequest[] = [];
  let decisions = new Map<string, Decision>();
  let decidedFor: AccessFacts | undefined;
  for (const request of requests) {
    let facts: AccessFacts | undefined;
    let secretName = "";
    try {
      checkRequest(request);
      ({ secretName } = request);
      facts = factsFor(request);
      if (facts !== decidedFor) decisions = new Map();
      decidedFor = facts;
      const ref = findRef(secretName, context.refs);
      const policy = context.policies.get(ref.policy);
      const decision = decisions.get(ref.policy) ?? decideOne(ref, policy, facts);
      decisions.set(ref.policy, decision);
      decided.push({ ref, policy, facts, decision });
    } catch (thrown) {
      if (!isSecretsError(thrown)) throw thrown;
      const asked = thrown.code === "unknown_name" ? facts : undefined;
      faults.push({ error: thrown, denial: asked && denyUnknown(secretName, asked, thrown) });
    }
  }
  return { decided, faults };
}

function denyUnknown(name: string, facts: AccessFacts, { message }: AnySecretsError): Denial {
  return { facts, decision: denyByDefault(facts, message), ref: { name, store: undefined } };
}

function decideOne(ref: SecretRef, policy: SecretPolicy | undefined, facts: AccessFacts): Decision {
  if (policy !== undefined) return authorize(policy, facts);
  return denyByDefault(facts, `there is no policy ${JSON.stringify(ref.policy)}`);
}

function findRef(secretName: string, refs: SecretRefRegistry): SecretRef {
  if (typeof secretName !== "string") throw new InvalidInputError("`secretName`: expected a string");
  const name = canonicalSecretName(secretName);
  const ref = refs.get(name);
  if (ref !== undefined) return ref;
  const suggestion = nearest(name, refs.names());
  throw new UnknownNameError(`there is no secret named ${quote(name)}`, {
    suggestion,
    hint:
      suggestion === undefined ? "`mxm-secrets list` shows the configured names" : `did you mean ${quote(suggestion)}?`,
  });
}

/** Each field is read once, into a frozen copy; what proves the identity cannot be copied and is asked of the original. */
function copyIdentity(given: RuntimeIdentity | ProvenIdentity): ReturnType<typeof factsOf> {
  if (typeof given !== "object" || given === null) {
    throw new InvalidInputError("`identity`: expected { role, environment, machine, app?, substrate? }");
  }
  const { identity, assurance } = factsOf(given);
  const plain: Readonly<Partial<Record<string, unknown>>> = { ...identity };
  const field = (name: IdentityField): string => {
    const value = plain[name];
    if (typeof value === "string" && value !== "") return value;
    throw new InvalidInputError(`\`identity.${name}\`: expected a non-empty string`);
  };
  const copy: RuntimeIdentity = {
    role: field("role"),
    environment: field("environment"),
    machine: field("machine"),
    ...(plain["app"] === undefined ? {} : { app: field("app") }),
    ...(plain["substrate"] === undefined ? {} : { substrate: field("substrate") }),
  };
  return { identity: Object.freeze(copy), assurance };
}

function optionalString(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidInputError(`\`${name}\`: expected a string`);
}
