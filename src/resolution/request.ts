import { InvalidInputError, isSecretsError, quote, UnknownNameError } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { factsOf, identityFields } from "../domain/identity.js";
import type { ProvenIdentity, RuntimeIdentity } from "../domain/identity.js";
import { canonicalSecretName, nearest } from "../domain/names.js";
import type { Action, SecretPolicy } from "../domain/policy.js";
import { principalOf } from "../domain/principal.js";
import type { PrincipalRule } from "../domain/principal.js";
import type { Decision } from "../domain/decision.js";
import type { SecretRef } from "../domain/ref.js";
import { authorize, denyByDefault } from "../authorization/authorize.js";
import type { AccessFacts } from "../authorization/conditions.js";
import type { SecretPolicyRegistry, SecretRefRegistry } from "./registries.js";

/** What every request says. */
export interface AccessRequest {
  /** `databento_api_key`, or `DATABENTO_API_KEY` for the same. */
  readonly secretName: string;
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
  return decider(action, context)(request);
}

/**
 * Decides the requests of one batch. Within it, an identity is looked at once, and two requests with the same policy and
 * the same facts share their decision: {@link authorize} is pure.
 */
function decider(action: Action, context: DecisionContext): (request: AccessRequest) => DecidedRequest {
  const now = context.now();
  let last: { readonly request: AccessRequest; readonly facts: AccessFacts } | undefined;
  let decisions = new Map<string, Decision>();

  const factsFor = (request: AccessRequest): AccessFacts => {
    if (last !== undefined && last.request.identity === request.identity && last.request.reason === request.reason) {
      return last.facts;
    }
    const { identity, assurance } = factsOf(requireIdentity(request.identity));
    const principal = principalOf(identity, context.principals);
    const reason = optionalString(request.reason, "reason");
    const facts = { identity, assurance, principal, action, reason, now };
    last = { request, facts };
    decisions = new Map();
    return facts;
  };

  return (request) => {
    const ref = findRef(request.secretName, context.refs);
    const facts = factsFor(request);
    const policy = context.policies.get(ref.policy);
    const decision = decisions.get(ref.policy) ?? decideOne(ref, policy, facts);
    decisions.set(ref.policy, decision);
    return { ref, policy, facts, decision };
  };
}

/** A request that cannot be decided, and why. */
export interface FaultyRequest {
  readonly request: AccessRequest;
  readonly error: AnySecretsError;
}

/** As {@link decide} for several; a request that cannot be decided is among the faults, in the order asked. */
export function decideAll(
  requests: readonly AccessRequest[],
  action: Action,
  context: DecisionContext,
): { readonly decided: readonly DecidedRequest[]; readonly faults: readonly FaultyRequest[] } {
  const decideNext = decider(action, context);
  const decided: DecidedRequest[] = [];
  const faults: FaultyRequest[] = [];
  for (const request of requests) {
    try {
      decided.push(decideNext(request));
    } catch (thrown) {
      if (!isSecretsError(thrown)) throw thrown;
      faults.push({ request, error: thrown });
    }
  }
  return { decided, faults };
}

/** The denial of a name that is not configured, for the record: whoever asked for it was refused by default. */
export function denyUnknown({ request, error }: FaultyRequest, action: Action, context: DecisionContext) {
  const { identity, assurance } = factsOf(requireIdentity(request.identity));
  const principal = principalOf(identity, context.principals);
  const facts = { identity, assurance, principal, action, reason: request.reason, now: context.now() };
  return { facts, decision: denyByDefault(facts, error.message), ref: { name: request.secretName, store: undefined } };
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

function requireIdentity(identity: RuntimeIdentity | ProvenIdentity): RuntimeIdentity | ProvenIdentity {
  if (typeof identity !== "object" || identity === null) {
    throw new InvalidInputError("`identity`: expected { role, environment, machine, app?, substrate? }");
  }
  const plain: Readonly<Partial<Record<string, unknown>>> = { ...factsOf(identity).identity };
  for (const field of identityFields) {
    const value = plain[field];
    const isOptional = field === "app" || field === "substrate";
    if (value === undefined && isOptional) continue;
    if (typeof value !== "string" || value === "") {
      throw new InvalidInputError(`\`identity.${field}\`: expected a non-empty string`);
    }
  }
  return identity;
}

function optionalString(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidInputError(`\`${name}\`: expected a string`);
}
