import { describe, expect, test } from "vitest";
import { getSecret } from "../../src/resolution/one-call.js";
import type { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { apiWith } from "../support/spied-api.js";

/** What a caller without types can do. */
const untyped = (value: unknown) => value as never;
const request = { secretName: "api_key", identity: loader };

async function mistake(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (thrown) {
    const { code, message, hint } = thrown as { code?: string; message: string; hint?: string };
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  return undefined;
}

const anObject = "`request`: expected an object { secretName, identity }";
const anArray = "`requests`: expected an array of requests";
const anOptionsObject = "`options`: expected an object";
const calls: readonly [string, (api: SecretsApi) => unknown, string][] = [
  ["getSecret()", (api) => api.getSecret(untyped(undefined)), anObject],
  ["getSecret(null)", (api) => api.getSecret(untyped(null)), anObject],
  ["getSecret of a name alone", (api) => api.getSecret(untyped("api_key")), anObject],
  ["getSecrets()", (api) => api.getSecrets(untyped(undefined)), anArray],
  ["getSecrets of one request", (api) => api.getSecrets(untyped(request)), anArray],
  ["getSecrets([null])", (api) => api.getSecrets(untyped([null])), anObject],
  ["getSecrets with null for options", (api) => api.getSecrets([request], untyped(null)), anOptionsObject],
  ["openSecret()", (api) => api.openSecret(untyped(undefined)), anObject],
  ["openSecrets()", (api) => api.openSecrets(untyped(undefined)), anArray],
  ["setSecret()", (api) => api.setSecret(untyped(undefined)), anObject],
  [
    "setSecret of a value that changes in the future",
    (api) => api.setSecret({ ...request, value: "v", lastChanged: Date.now() + 86_400_000 }),
    "`lastChanged`: expected milliseconds since the epoch, not in the future",
  ],
  ["removeSecret()", (api) => api.removeSecret(untyped(undefined)), anObject],
  ["requireAllowed()", (api) => api.requireAllowed(untyped(undefined)), anObject],
  ["explain()", (api) => api.explain(untyped(undefined)), anObject],
  ["check(null)", (api) => api.check(untyped(null)), anOptionsObject],
  [
    "an action that is none",
    (api) => api.explain({ ...request, action: untyped("reed") }),
    '`action`: expected "read" or "write"',
  ],
  [
    "a default that is no string",
    (api) => api.getSecret({ ...request, default: untyped(5) }),
    "`default`: expected a string",
  ],
  ["getSecret(5) of the one call", () => getSecret(untyped(5)), "`path`: expected a string"],
  ["a one-call without a path", () => getSecret(untyped(undefined)), "`path`: expected a string"],
  ["a one-call with null for options", () => getSecret("ok", untyped(null)), anOptionsObject],
  [
    "a one-call whose default is no string",
    () => getSecret("ok", { default: untyped(5), environment: {} }),
    "`default`: expected a string",
  ],
];

describe("a call that is wrong says what was expected, and touches no store", () => {
  test.each(calls)("%s", async (_, call, message) => {
    const { api, calls: seen } = apiWith();
    expect(await mistake(() => call(api))).toEqual({ code: "invalid_input", message });
    expect(seen).toEqual([]);
  });
});

describe("a key that a request does not have", () => {
  test("is refused with the one that was meant, in a batch as alone", async () => {
    const { api, calls: seen } = apiWith();
    const misspelt = untyped({ ...request, defualt: "d" });
    const expected = {
      code: "invalid_input",
      message: "`request`: unknown key `defualt`",
      hint: "did you mean `default`?",
    };
    expect(await mistake(() => api.getSecret(misspelt))).toEqual(expected);
    expect(await mistake(() => api.getSecrets([request, misspelt]))).toEqual(expected);
    expect(await mistake(() => api.explain(misspelt))).toEqual(expected);
    expect(seen).toEqual([]);
  });

  test("is refused with the list of keys when none is near", async () => {
    expect(await mistake(() => apiWith().api.getSecret(untyped({ ...request, fallback: "d" })))).toEqual({
      code: "invalid_input",
      message: "`request`: unknown key `fallback`",
      hint: "the keys are secretName, identity, default, reason, signal, value, lastChanged, action",
    });
  });

  test("is refused among the options of the one call", async () => {
    expect(await mistake(() => getSecret("ok", untyped({ defualt: "d" })))).toEqual({
      code: "invalid_input",
      message: "`options`: unknown key `defualt`",
      hint: "did you mean `default`?",
    });
  });
});
