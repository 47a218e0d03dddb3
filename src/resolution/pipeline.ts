import { gravest, InvalidInputError, isSecretsError, quote, throwIfCancelled, UnsupportedError } from "../errors.js";
import type { AccessDeniedError, AnySecretsError } from "../errors.js";
import { grantFor } from "../authorization/authorize.js";
import type { BackendCall, WriteCall } from "../backends/contract.js";
import { requireSize } from "../backends/limits.js";
import { callWithin, guard, readAll } from "../backends/read-all.js";
import type { Grant } from "../domain/grant.js";
import type { ResolvedSecretLocation } from "../domain/ref.js";
import { Secret } from "../domain/secret.js";
import { auditTrail, outcomeOf } from "./audited.js";
import type { AuditPolicy, AuditTrail } from "./audited.js";
import { deniedError } from "./denied.js";
import type { SecretsApiOptions } from "./options.js";
import type { DecidedRequest, FaultyRequest } from "./request.js";
import type { Stores } from "./stores.js";

/** What an access needs after its decision. */
export interface PipelineContext {
  readonly stores: Stores;
  readonly audit: AuditPolicy | undefined;
  readonly now: () => number;
  /** Takes one line about something that went wrong and was allowed to, never a value. */
  readonly warn: (line: string) => void;
  /** Is told of every secret that is given out. */
  readonly redactor: SecretsApiOptions["redactor"];
}

interface Allowed {
  readonly request: DecidedRequest;
  readonly trail: AuditTrail | undefined;
  readonly grant: Grant;
  readonly location: ResolvedSecretLocation;
}

/**
 * Decided requests → (audit) → grants → locations → one read of each location → (audit) → secrets, in the order asked;
 * `undefined` where a store has no value. No store is touched unless every request is allowed and on record.
 */
export async function readSecrets(
  requests: readonly DecidedRequest[],
  context: PipelineContext,
  call: BackendCall,
): Promise<readonly (Secret | undefined)[]> {
  const allowed = await admit(requests, context, call);
  const values = await settle(allowed, () => readLocations(allowed, context.stores, call));
  const secrets = allowed.map(({ request }, index) => {
    const value = values[index];
    return value === undefined ? undefined : new Secret(request.ref.name, value);
  });
  if (context.audit !== undefined) {
    for (const [index, { trail }] of allowed.entries()) {
      await trail?.outcome(secrets[index] === undefined ? "absent" : "value");
    }
  }
  if (context.redactor !== undefined) {
    for (const secret of secrets) if (secret !== undefined) context.redactor.add(secret);
  }
  return secrets;
}

/** Stores one value. Resolves when it is durable and on record. */
export async function writeSecret(
  request: DecidedRequest,
  value: Uint8Array,
  context: PipelineContext,
  call: WriteCall,
): Promise<void> {
  const [allowed] = await admit([request], context, call);
  if (allowed === undefined) return;
  await settle([allowed], async () => {
    const store = context.stores.open(request.ref.store);
    const write = store.backend.write?.bind(store.backend);
    if (write === undefined) throw readOnly(request, store.definition.kind);
    requireSize(store.definition, value);
    await guard(store, () => write(allowed.grant, value, callWithin(request.ref.store, call)));
  });
  await allowed.trail?.outcome("written");
}

/** Removes one value. @returns `false` when there was none */
export async function removeSecret(
  request: DecidedRequest,
  context: PipelineContext,
  call: BackendCall,
): Promise<boolean> {
  const [allowed] = await admit([request], context, call);
  if (allowed === undefined) return false;
  const removed = await settle([allowed], async () => {
    const store = context.stores.open(request.ref.store);
    const remove = store.backend.delete?.bind(store.backend);
    if (remove === undefined) throw readOnly(request, store.definition.kind);
    return guard(store, () => remove(allowed.grant, callWithin(request.ref.store, call)));
  });
  await allowed.trail?.outcome(removed ? "removed" : "absent");
  return removed;
}

/**
 * Refuses a request the policy does not allow, and puts the denial on record. An allowed one leaves no record: the access
 * that follows does.
 */
export async function refuseDenied(
  request: DecidedRequest,
  context: PipelineContext,
  call: BackendCall,
): Promise<void> {
  if (request.decision.verdict === "deny") await admit([request], context, call);
}

/**
 * Refuses a batch of which some requests cannot be decided: every denial goes on record, those of names that are not
 * configured too, and the gravest error is thrown.
 */
export async function refuseFaulty(
  faults: readonly FaultyRequest[],
  decided: readonly DecidedRequest[],
  context: PipelineContext,
): Promise<never> {
  const denied = decided.filter(({ decision }) => decision.verdict === "deny");
  for (const denial of [...faults.flatMap((fault) => fault.denial ?? []), ...denied]) {
    await auditTrail(denial, context)?.decision();
  }
  const errors: readonly AnySecretsError[] = [...faults.map(({ error }) => error), ...denied.map(refusalOf)];
  throw gravest(errors) ?? new InvalidInputError("expected a request");
}

/** Puts every decision on record, then refuses the whole batch if one is denied, then locates all of it. */
async function admit(
  requests: readonly DecidedRequest[],
  context: PipelineContext,
  call: BackendCall,
): Promise<readonly Allowed[]> {
  throwIfCancelled(call.signal);
  const trails = context.audit === undefined ? [] : requests.map((request) => auditTrail(request, context));
  for (const trail of trails) if (trail !== undefined) await trail.decision();
  if (call.trace !== undefined) for (const request of requests) call.trace(describe(request));
  const refusal = gravest(requests.filter(({ decision }) => decision.verdict === "deny").map(refusalOf));
  if (refusal !== undefined) throw refusal;
  return requests.map((request, index) => ({
    request,
    trail: trails[index],
    grant: grantFor(request.decision, request.facts, request.ref),
    location: context.stores.locate(request.ref),
  }));
}

function describe({ decision, facts, ref }: DecidedRequest): string {
  return `${decision.verdict} ${facts.action} ${ref.name} as ${facts.principal ?? "nobody"} by ${decision.rule}`;
}

function refusalOf({ decision, facts, ref }: DecidedRequest): AccessDeniedError {
  return deniedError({ decision, secretName: ref.name, action: facts.action, principal: facts.principal });
}

/** Runs the part that touches a store; when it fails, every request of it is put on record with the error's code. */
async function settle<T>(allowed: readonly Allowed[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    for (const { trail } of allowed) await trail?.outcome(outcomeOf(thrown));
    throw thrown;
  }
}

/** What is read of one store: each path once, however often it was asked for. */
interface StoreRead {
  readonly name: string;
  readonly grants: Grant[];
  /** Where the answer for a path will be. */
  readonly position: Map<string, number>;
  answers: readonly (Uint8Array | undefined)[];
}

/**
 * The value of each location, in the order asked. One read for each distinct location; stores in the order first named.
 * Every store is asked, and the gravest failure is the one thrown.
 */
async function readLocations(
  allowed: readonly Allowed[],
  stores: Stores,
  call: BackendCall,
): Promise<readonly (Uint8Array | undefined)[]> {
  const reads = new Map<string, StoreRead>();
  const places = allowed.map(({ location: { store, path }, grant }) => {
    const read = reads.get(store) ?? { name: store, grants: [], position: new Map<string, number>(), answers: [] };
    reads.set(store, read);
    const position = read.position.get(path) ?? read.grants.push(grant) - 1;
    read.position.set(path, position);
    return { read, position };
  });
  const failures: AnySecretsError[] = [];
  for (const read of reads.values()) {
    throwIfCancelled(call.signal);
    try {
      const store = stores.open(read.name);
      read.answers = await readAll(store, read.grants, callWithin(read.name, call));
      if (call.trace !== undefined) {
        const found = read.answers.filter((answer) => answer !== undefined).length;
        call.trace(`store ${read.name} (${store.definition.kind}): ${found} of ${read.grants.length} found`);
      }
    } catch (thrown) {
      if (!isSecretsError(thrown)) throw thrown;
      failures.push(thrown);
    }
  }
  const worst = gravest(failures);
  if (worst !== undefined) throw worst;
  return places.map(({ read, position }) => read.answers[position]);
}

function readOnly(request: DecidedRequest, kind: string): UnsupportedError {
  return new UnsupportedError(
    `store ${quote(request.ref.store)} is read-only: the ${quote(kind)} backend cannot write`,
  );
}
