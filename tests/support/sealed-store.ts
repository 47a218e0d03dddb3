import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { issueGrant } from "../../src/domain/grant.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { sealedBackend } from "../../src/backends/sealed.js";
import type { Grant } from "../../src/domain/grant.js";
import type { Action } from "../../src/domain/policy.js";
import { createStore } from "../../src/sealed/create.js";
import { encodeSecretKey } from "../../src/age/secret-key.js";
import type { IdentityKind } from "../../src/age/secret-key.js";
import { parseIdentity } from "../../src/sealed/identity.js";
import type { Identity } from "../../src/sealed/identity.js";
import type { StorePlace } from "../../src/sealed/pins.js";

/** A fixed moment for tests: 2026-11-22T08:00:00Z. */
export const testTime = Date.UTC(2026, 10, 22, 8);

/** The identity line whose 32 secret bytes are the SHA-256 of a phrase: reproducible, and worthless. */
export function identityTextOf(phrase: string, kind: IdentityKind = "x25519"): string {
  return encodeSecretKey(kind, createHash("sha256").update(phrase).digest());
}

export async function identityOf(phrase: string, kind: IdentityKind = "x25519"): Promise<Identity> {
  const identity = await parseIdentity(identityTextOf(phrase, kind));
  if (identity === undefined) throw new Error("the generated identity does not parse");
  return identity;
}

/** A sealed store in a directory of its own, with the key file beside it. */
export interface TestStore {
  readonly directory: string;
  readonly file: string;
  readonly keyFile: string;
  readonly place: StorePlace;
  readonly identity: Identity;
  readonly context: BackendContext;
  readonly backend: Backend;
}

/** Makes an empty store under `directory`, written by the identity of `phrase`. */
export async function makeTestStore(
  directory: string,
  phrase = "writer",
  overrides: Partial<BackendContext> = {},
): Promise<TestStore> {
  const repository = join(directory, "repository");
  mkdirSync(repository, { recursive: true });
  const file = join(repository, "secrets.enc");
  const place = { file, stateDirectory: join(directory, "state"), origin: repository };
  const identity = await identityOf(phrase);
  await createStore(place, identity, { name: phrase });
  const keyFile = join(repository, ".key");
  writeFileSync(keyFile, `# made by a test\n${identityTextOf(phrase)}\n`, { mode: 0o600 });
  const context = testContext(directory, overrides);
  return { directory, file, keyFile, place, identity, context, backend: openTestBackend(context) };
}

export function testContext(directory: string, overrides: Partial<BackendContext> = {}): BackendContext {
  return {
    baseDirectory: join(directory, "repository"),
    environment: {},
    stateDirectory: join(directory, "state"),
    now: () => testTime,
    keyholdersFor: () => undefined,
    openStore: () => {
      throw new Error("a sealed store opens no other");
    },
    allowInsecurePermissions: false,
    ...overrides,
  };
}

export function openTestBackend(context: BackendContext, options: Readonly<Record<string, unknown>> = {}): Backend {
  return sealedBackend.open({ name: "local", options }, context);
}

/** A grant as the authorizer would give it. */
export function grantTo(action: Action, path: string, policy = "default"): Grant {
  return issueGrant(
    { verdict: "allow", rule: `${policy}.allowed_principals`, reasons: [], assurance: "claimed" },
    action,
    { name: "tested", store: "local", path, policy },
  );
}

/** A write through the backend. */
export async function put(backend: Backend, path: string, value: string | Uint8Array, policy?: string): Promise<void> {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  await backend.write?.(grantTo("write", path, policy), bytes, {});
}

/** A read through the backend, as text. */
export async function take(backend: Backend, path: string, policy?: string): Promise<string | undefined> {
  const value = await backend.read(grantTo("read", path, policy), {});
  return value === undefined ? undefined : new TextDecoder().decode(value);
}
