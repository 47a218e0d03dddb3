import type { AuditEvent } from "../../src/audit/record.js";
import type { AuditSink } from "../../src/audit/sink.js";
import { isSecretsError, LockedError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import type { SecretsApiOptions } from "../../src/resolution/options.js";
import { spyBackend } from "./spy-backend.js";

/** Configuration data over the spy backend: readable, missing, locked, misplaced and denied secrets. */
export const spiedData = {
  stores: { red: { backend: "spy" } },
  refs: {
    api_key: { store: "red", path: "feeds/api_key", policy: "access" },
    api_key_again: { store: "red", path: "feeds/api_key", policy: "access" },
    missing: { store: "red", path: "feeds/missing", policy: "access" },
    locked: { store: "red", path: "feeds/locked", policy: "access" },
    misplaced: { store: "red", path: "feeds/forbidden", policy: "access" },
    other: { store: "red", path: "other", policy: "others_only" },
  },
  policies: {
    access: { allowed_principals: ["marketdata"], actions: ["read", "write"] },
    others_only: { allowed_principals: ["execution"] },
  },
};

/** What the spied store answers. */
export const answer = (path: string): string | undefined => {
  if (path === "feeds/locked") throw new LockedError("no usable key");
  return path === "feeds/missing" ? undefined : "canary-1f0c";
};

/** An api over {@link spiedData}, and the calls its store saw. */
export function apiWith(options: SecretsApiOptions = {}, changes: object = {}) {
  const spy = spyBackend(answer);
  const api = SecretsApi.fromConfigData({ ...spiedData, ...changes }, { backends: [spy.definition], ...options });
  return { api, calls: spy.calls };
}

/** A sink that keeps what it gets, and fails where told. */
export function recorder(fail?: (event: AuditEvent) => boolean) {
  const events: AuditEvent[] = [];
  const sink: AuditSink = {
    append: async (event) => {
      if (fail?.(event)) throw new Error("disk full");
      events.push(event);
    },
  };
  return { sink, events };
}

/** The code of the error a promise ends with, or `resolved`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown: unknown = await work.then(
    () => "resolved",
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown.code : String(thrown);
}
