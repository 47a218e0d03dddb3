import { expect, test } from "vitest";
import type { AuditEvent } from "../../src/audit/record.js";
import { IntegrityError, isSecretsError, LockedError, UnavailableError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { spyBackend } from "../support/spy-backend.js";

const failures: Readonly<Record<string, Error>> = {
  unreachable: new UnavailableError("down"),
  locked: new LockedError("no key"),
  altered: new IntegrityError("altered"),
};

/** Every store fails in the way of its name; `fine` does not. */
function openApi() {
  const spy = spyBackend((path) => {
    const failure = failures[path];
    if (failure !== undefined) throw failure;
    return path;
  });
  const names = ["unreachable", "locked", "altered", "fine"];
  const events: AuditEvent[] = [];
  const lines: string[] = [];
  const api = SecretsApi.fromConfigData(
    {
      stores: Object.fromEntries(names.map((name) => [name, { backend: "spy" }])),
      refs: {
        ...Object.fromEntries(names.map((name) => [name, { store: name, path: name, policy: "open" }])),
        denied: { store: "fine", path: "denied", policy: "closed" },
      },
      policies: { open: { allowed_principals: ["marketdata"] }, closed: { allowed_principals: ["nobody"] } },
    },
    {
      backends: [spy.definition],
      audit: { append: async (event) => void events.push(event) },
      trace: (line) => lines.push(line),
    },
  );
  const ask = async (...secretNames: readonly string[]) => {
    const requests = secretNames.map((secretName) => ({ secretName, identity: loader }));
    const thrown: unknown = await api.getSecrets(requests).catch((error: unknown) => error);
    return isSecretsError(thrown) ? thrown.code : thrown;
  };
  return { ask, calls: spy.calls, events, lines };
}

test("when several stores fail, the gravest failure is thrown, in any order", async () => {
  const { ask } = openApi();
  expect(await ask("unreachable", "locked", "altered", "fine")).toBe("integrity");
  expect(await ask("fine", "locked", "unreachable")).toBe("locked");
  expect(await ask("unreachable", "fine")).toBe("unavailable");
});

test("a denial beats a name that is wrong, is on record, and no store is touched", async () => {
  const { ask, calls, events } = openApi();
  expect(await ask("unknown_name", "fine", "denied")).toBe("denied");
  expect(events.map(({ event, ref, verdict }) => `${event} ${ref} ${verdict}`)).toContain("decision denied deny");
  expect(await ask("fine", "unknown_name", "no/name")).toBe("unknown_name");
  expect(calls).toEqual([]);
});

test("the trace says each decision and what each store had, without a value", async () => {
  const { ask, lines } = openApi();
  expect(await ask("fine")).toEqual(["fine"]);
  expect(lines).toEqual(["allow read fine as marketdata by open.allowed_principals", "store fine (spy): 1 of 1 found"]);
});
