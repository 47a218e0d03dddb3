import { InvalidInputError } from "../errors.js";
import { smallestChange } from "../authorization/explain.js";
import type { BackendCall, BackendDefinition } from "../backends/contract.js";
import type { SecretsConfig } from "../domain/config.js";
import { keyholdersFor } from "../domain/keyholder.js";
import { stateDirectory as stateDirectoryOf } from "../files/user-directories.js";
import type { Action } from "../domain/policy.js";
import type { Secret } from "../domain/secret.js";
import type { Explanation, SecretRequest, SecretsApiParts, SetSecretRequest } from "./api-types.js";
import { auditPolicyOf } from "./audited.js";
import type { CheckReport } from "./check.js";
import type { Inventory } from "./inventory.js";
import type { SecretsApiOptions } from "./options.js";
import { readSecrets, refuseDenied, refuseFaulty, removeSecret, writeSecret } from "./pipeline.js";
import type { PipelineContext } from "./pipeline.js";
import { SecretPolicyRegistry, SecretRefRegistry, SecretStoreRegistry } from "./registries.js";
import { decide, decideAll } from "./request.js";
import type { AccessRequest, DecidedRequest, DecisionContext } from "./request.js";
import { checkOptions, checkRequest, requireAction, requirePast } from "./request-shape.js";
import { Stores } from "./stores.js";

/** Kinds of store by the word used as `backend:`. */
export type Kinds = ReadonlyMap<string, BackendDefinition>;

/**
 * Everything a SecretsApi does once its parts are there. The command, whose configuration was checked before, uses it as
 * it is and does not load what reads configuration data.
 */
export class SecretsAccess {
  readonly #registries: Pick<SecretsApiParts, "stores" | "refs" | "policies">;
  readonly #decisions: DecisionContext;
  readonly #pipeline: PipelineContext;
  readonly #trace: ((line: string) => void) | undefined;

  /** @param kinds - the kinds of store there are; those in use are enough */
  constructor(parts: SecretsApiParts, kinds: Kinds, options: Omit<SecretsApiOptions, "backends"> = {}) {
    const { stores, refs, policies, keyholders } = parts;
    const environment = options.environment ?? process.env;
    const stateDirectory = options.stateDirectory ?? stateDirectoryOf(environment);
    const baseDirectory = options.baseDirectory ?? process.cwd();
    const now = options.now ?? Date.now;
    this.#registries = { stores, refs, policies };
    this.#decisions = { refs, policies, principals: parts.principals, now };
    this.#trace = options.trace;
    this.#pipeline = {
      now,
      warn: options.warn ?? ignore,
      redactor: options.redactor,
      audit: auditPolicyOf(parts.audit, options.audit, { baseDirectory, stateDirectory, now }),
      stores: new Stores(stores, kinds, {
        baseDirectory,
        environment,
        stateDirectory,
        now,
        allowInsecurePermissions: options.allowInsecurePermissions ?? false,
        askPassphrase: options.askPassphrase,
        keyholders,
        pathsIn: (store) => this.#pathsIn(store),
        keyholdersFor: (name) => {
          const policy = policies.get(name);
          return keyholders === undefined || policy === undefined ? undefined : keyholdersFor(policy, keyholders);
        },
      }),
    };
  }

  /**
   * One value as text.
   *
   * @returns `default`, or `undefined` without one, when the store is healthy and holds no such value
   * @throws UnknownNameError, AccessDeniedError, UnavailableError, LockedError, IntegrityError, CancelledError,
   *   InvalidInputError (also for a binary value: use {@link SecretsAccess.openSecret})
   */
  async getSecret(request: SecretRequest): Promise<string | undefined> {
    const [value] = await this.getSecrets([request], request);
    return value;
  }

  /**
   * Several values in the order asked. Every decision is taken, and put on record, before the first read; one denial
   * refuses them all. Each location is read once.
   */
  async getSecrets(
    requests: readonly SecretRequest[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly (string | undefined)[]> {
    const secrets = await this.openSecrets(requests, options);
    return secrets.map((secret, index) => secret?.reveal() ?? requests[index]?.default);
  }

  /** One value, opaque until `reveal()` or `bytes()`. @returns `undefined` when the store holds no such value */
  async openSecret(request: Omit<SecretRequest, "default">): Promise<Secret | undefined> {
    const [secret] = await this.openSecrets([request], request);
    return secret;
  }

  /** As {@link SecretsAccess.getSecrets}, opaque and without defaults. */
  async openSecrets(
    requests: readonly Omit<SecretRequest, "default">[],
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly (Secret | undefined)[]> {
    const { decided, faults } = decideAll(requests, "read", this.#decisions);
    if (faults.length > 0) return refuseFaulty(faults, decided, this.#pipeline);
    checkOptions(options);
    return readSecrets(decided, this.#pipeline, this.#call(options.signal));
  }

  /** Stores a value; the policy must allow `write`. Resolves when the value is durable. */
  async setSecret(request: SetSecretRequest): Promise<void> {
    checkRequest(request);
    const { value } = request;
    if (typeof value !== "string" && !(value instanceof Uint8Array)) {
      throw new InvalidInputError("`value`: expected a string or bytes");
    }
    if (typeof value === "string" && !value.isWellFormed()) {
      throw new InvalidInputError("`value`: expected well-formed Unicode", { hint: "pass bytes for anything else" });
    }
    const { lastChanged } = request;
    requirePast(lastChanged, this.#pipeline.now());
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    const decided = await this.#decide(request, "write");
    await writeSecret(decided, bytes, this.#pipeline, { ...this.#call(request.signal), lastChanged });
  }

  /** Removes a value; the policy must allow `write`. @returns `false` when there was none */
  async removeSecret(request: AccessRequest & { readonly signal?: AbortSignal | undefined }): Promise<boolean> {
    const decided = await this.#decide(request, "write");
    return removeSecret(decided, this.#pipeline, this.#call(request.signal));
  }

  /**
   * Settles whether an access would be allowed before asking a person for a value or a confirmation. Touches no store.
   *
   * @throws AccessDeniedError, which is put on record; an allowed request leaves no record until its access
   */
  async requireAllowed(request: AccessRequest & { readonly action: Action }): Promise<void> {
    checkRequest(request);
    await refuseDenied(
      await this.#decide(request, requireAction(request.action)),
      this.#pipeline,
      this.#call(undefined),
    );
  }

  /**
   * Which of the secrets asked for this caller may read. Touches no store and leaves no record.
   *
   * @returns their names, in the order asked
   * @throws UnknownNameError, InvalidInputError
   */
  allowed(requests: readonly AccessRequest[]): readonly string[] {
    const { decided, faults } = decideAll(requests, "read", this.#decisions);
    const [fault] = faults;
    if (fault !== undefined) throw fault.error;
    return decided.filter(({ decision }) => decision.verdict === "allow").map(({ ref }) => ref.name);
  }

  /**
   * The decision a request would get, its store, and what would change it. Of the store, nothing is looked at but the
   * format of its file; no record is left.
   */
  explain(request: AccessRequest & { readonly action?: Action }): Explanation {
    checkRequest(request);
    const action = requireAction(request.action);
    const { ref, policy, facts, decision } = decide(request, action, this.#decisions);
    const definition = this.#pipeline.stores.definition(ref.store);
    return {
      secretName: ref.name,
      store: ref.store,
      backend: definition.kind,
      enforcement: this.#pipeline.stores.enforcement(ref.store),
      asks: this.#pipeline.stores.asked(ref),
      policy: ref.policy,
      principal: facts.principal,
      action,
      decision,
      change: policy === undefined ? [`add policies.${ref.policy}`] : smallestChange(policy, facts),
    };
  }

  /**
   * Readiness of every store and ref, without a value.
   *
   * @param options.identity - who will ask: what this identity may read and no key here opens is then a problem
   */
  async check(
    options: {
      readonly identity?: AccessRequest["identity"] | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<CheckReport> {
    checkOptions(options);
    const { identity, signal } = options;
    const mayRead = ({ name }: { readonly name: string }): boolean | undefined =>
      identity === undefined
        ? undefined
        : decide({ secretName: name, identity, reason: "check" }, "read", this.#decisions).decision.verdict === "allow";
    const { check } = await import("./check.js");
    return check(this.#pipeline.stores, this.#registries, mayRead, this.#call(signal));
  }

  /**
   * Every configured secret with its documentation, its age and when it should change, without a value. Needs no identity
   * and no key: it says what the configuration and the surface of the stores say to anyone who has the files.
   *
   * @param options.names - these alone, and no store but theirs is asked
   */
  async inventory(
    options: { readonly names?: readonly string[] | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Inventory> {
    checkOptions(options);
    const { names, signal } = options;
    const { takeInventory } = await import("./inventory.js");
    const { stores, now } = this.#pipeline;
    const { refs } = this.#registries;
    return takeInventory(stores, refs, names ?? refs.names(), now(), this.#call(signal));
  }

  async #decide(request: AccessRequest, action: Action): Promise<DecidedRequest> {
    const { decided, faults } = decideAll([request], action, this.#decisions);
    return decided[0] ?? refuseFaulty(faults, [], this.#pipeline);
  }

  /** The paths of refs in a store, and in chains that ask it. */
  #pathsIn(store: string): readonly string[] {
    const { refs } = this.#registries;
    const all = refs.names().flatMap((name) => refs.get(name) ?? []);
    return all.filter((ref) => this.#pipeline.stores.reaches(ref.store, store)).map(({ path }) => path);
  }

  #call(signal: AbortSignal | undefined): BackendCall {
    return { signal, trace: this.#trace, warn: this.#pipeline.warn };
  }
}

/** The parts of a configuration that was checked before. */
export function partsOf(config: SecretsConfig): SecretsApiParts {
  return {
    stores: new SecretStoreRegistry(config.stores.values()),
    refs: new SecretRefRegistry(config.refs instanceof Map ? config.refs.values() : config.refs),
    policies: new SecretPolicyRegistry(config.policies.values()),
    ...(config.principals === undefined ? {} : { principals: config.principals }),
    ...(config.keyholders === undefined ? {} : { keyholders: config.keyholders }),
    ...(config.audit === undefined ? {} : { audit: config.audit }),
  };
}

/** A library says nothing by itself. */
function ignore(): void {}
