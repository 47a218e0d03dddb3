import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.js";
import { redactFields } from "../../src/redaction/fields.js";
import { createRedactor } from "../../src/redaction/redactor.js";

const secret = new Secret("first_key", Buffer.from("the value"));

test("fields whose names look secret are masked at any depth, everything else is as it was", () => {
  const input = {
    user: "alice",
    password: "p",
    usage: { prompt_tokens: 12, tokens: 34 },
    request: { headers: { Authorization: "Bearer x", "x-api-key": ["a", "b"], accept: "*/*" } },
    list: [{ accessToken: "t" }, "text", 1, null, undefined, true, 10n],
    credentials: { user: "alice", anything: "else" },
  };
  const before = structuredClone(input);
  expect(redactFields(input)).toEqual({
    user: "alice",
    password: "[secret password]",
    usage: { prompt_tokens: 12, tokens: 34 },
    request: {
      headers: { Authorization: "[secret Authorization]", "x-api-key": "[secret x-api-key]", accept: "*/*" },
    },
    list: [{ accessToken: "[secret accessToken]" }, "text", 1, null, undefined, true, 10n],
    credentials: "[secret credentials]",
  });
  expect(input).toEqual(before);
});

test("what holds nothing is not masked; a number under a name that counts nothing is", () => {
  const kept = { token: null, password: undefined, secret: false, tokens: 3, secrets: 4 };
  expect(redactFields(kept)).toEqual(kept);
  expect(redactFields({ password: 1234, token: "", otp: 0 })).toEqual({
    password: "[secret password]",
    token: "[secret token]",
    otp: 0,
  });
});

test("a list of named values is masked by the names", () => {
  const list = [
    { name: "DB_PASSWORD", value: "p" },
    { key: "x-api-key", value: "k" },
    { name: "PORT", value: "80" },
  ];
  expect(redactFields(list)).toEqual([
    { name: "DB_PASSWORD", value: "[secret DB_PASSWORD]" },
    { key: "x-api-key", value: "[secret x-api-key]" },
    { name: "PORT", value: "80" },
  ]);
});

test("cycles, shared objects and any depth survive", () => {
  const shared = { token: "t" };
  const cyclic: Record<string, unknown> = { a: shared, b: [shared], map: new Map() };
  cyclic["self"] = cyclic;
  (cyclic["map"] as Map<unknown, unknown>).set(cyclic, cyclic);
  const copy = redactFields(cyclic);
  expect(copy["self"]).toBe(copy);
  expect(copy["a"]).toBe((copy["b"] as unknown[])[0]);
  expect(copy["a"]).toEqual({ token: "[secret token]" });
  expect((copy["map"] as Map<unknown, unknown>).get(copy)).toBe(copy);
  let deep: Record<string, unknown> = { token: "t" };
  for (let depth = 0; depth < 100_000; depth++) deep = { deep };
  let found = redactFields(deep);
  while (found["deep"] !== undefined) found = found["deep"] as Record<string, unknown>;
  expect(found).toEqual({ token: "[secret token]" });
});

test("Maps, Sets, headers, dates, bytes and functions are what they were", () => {
  const bytes = Buffer.from("bytes");
  const date = new Date(0);
  const call = () => 1;
  const copy = redactFields({
    map: new Map<unknown, unknown>([
      ["token", "t"],
      ["a", { password: "p" }],
      [1, "one"],
    ]),
    set: new Set([{ secret: "s" }, "text"]),
    headers: new Headers({ cookie: "c", accept: "a" }),
    date,
    bytes,
    call,
    pattern: /x/g,
  });
  expect(copy).toEqual({
    map: new Map<unknown, unknown>([
      ["token", "[secret token]"],
      ["a", { password: "[secret password]" }],
      [1, "one"],
    ]),
    set: new Set([{ secret: "[secret secret]" }, "text"]),
    headers: new Map([
      ["accept", "a"],
      ["cookie", "[secret cookie]"],
    ]),
    date,
    bytes,
    call,
    pattern: /x/g,
  });
  expect(copy["date"]).not.toBe(date);
});

test("an error stays an error of its class, with its cause, its errors and its fields", () => {
  class RequestError extends Error {
    readonly config = { headers: { authorization: "Bearer x" } };
    override readonly name = "RequestError";
  }
  const error = new RequestError("failed", {
    cause: new AggregateError([Object.assign(new Error("one"), { token: "t" })]),
  });
  const { error: copy } = redactFields({ error }) as { error: RequestError };
  expect(copy).toBeInstanceOf(RequestError);
  expect(copy).not.toBe(error);
  expect(copy).toMatchObject({ message: "failed", stack: error.stack, name: "RequestError" });
  expect(copy.config).toEqual({ headers: { authorization: "[secret authorization]" } });
  expect((copy.cause as AggregateError).errors).toMatchObject([{ message: "one", token: "[secret token]" }]);
  expect(inspect(copy)).not.toContain("Bearer");
});

test("a secret is its name wherever it is", () => {
  expect(redactFields({ secret, key: secret, list: [secret] })).toEqual({
    secret: "[secret first_key]",
    key: "[secret first_key]",
    list: ["[secret first_key]"],
  });
  expect(redactFields(secret)).toBe("[secret first_key]");
});

test("class instances become what a log would make of them", () => {
  class Account {
    readonly password = "p";
    readonly #hidden = "h";
    hidden() {
      return this.#hidden;
    }
  }
  class Money {
    readonly #cents = 5;
    toJSON() {
      return { cents: this.#cents, token: "t" };
    }
  }
  const loop: { toJSON: () => unknown } = { toJSON: () => ({ loop }) };
  const copy = redactFields({ account: new Account(), money: new Money(), url: new URL("https://a.example/"), loop });
  expect(copy).toMatchObject({
    account: { password: "[secret password]" },
    money: { cents: 5, token: "[secret token]" },
    url: "https://a.example/",
  });
  expect(Object.getPrototypeOf(copy["account"])).toBe(Object.prototype);
  expect((copy["loop"] as { loop: unknown }).loop).toBe(copy["loop"]);
});

test("getters and proxies that throw, symbols, null prototypes, holes and frozen input are survived", () => {
  const symbol = Symbol("api_key");
  const input = Object.freeze(
    Object.assign(Object.create(null) as Record<PropertyKey, unknown>, {
      token: "t",
      [symbol]: "s",
      "__proto__ ": 1,
      holes: Object.freeze(["a"].concat(Array.from<string>({ length: 0 }))),
    }),
  );
  const throwing = Object.defineProperty({ b: 1 }, "a", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const sparse: unknown[] = [];
  sparse[2] = { password: "p" };
  sparse.length = 4;
  const copy = redactFields({ input, throwing, proxy: revoked.proxy, sparse });
  expect(copy["input"]).toEqual({
    token: "[secret token]",
    [symbol]: "[secret api_key]",
    "__proto__ ": 1,
    holes: ["a"],
  });
  expect(copy["throwing"]).toEqual({ a: "[unreadable]", b: 1 });
  expect(copy["proxy"]).toBe("[unreadable]");
  expect(Object.keys(copy["sparse"] as object)).toEqual(["2"]);
  expect(copy["sparse"]).toHaveLength(4);
  const own = redactFields(JSON.parse('{"__proto__":{"token":"t"}}') as object) as object;
  expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
  expect(Object.getOwnPropertyDescriptor(own, "__proto__")?.value).toEqual({ token: "[secret token]" });
});

test("with a redactor, values are masked in every text, names and bytes included", () => {
  const redactor = createRedactor([{ name: "key", value: "the value" }]);
  const error = new Error("failed with the value");
  const copy = redactFields(
    {
      text: "with the value",
      "the value": 1,
      map: new Map([["the value", new Set(["dGhlIHZhbHVl"])]]),
      bytes: Buffer.from("the value"),
      error,
      password: "p",
    },
    { redactor },
  );
  expect(copy).toMatchObject({
    text: "with [secret key]",
    "[secret key]": 1,
    map: new Map([["[secret key]", new Set(["[secret key]"])]]),
    bytes: Buffer.from("[secret key]"),
    password: "[secret password]",
  });
  expect((copy["error"] as Error).message).toBe("failed with [secret key]");
  expect((copy["error"] as Error).stack).not.toContain("the value");
});

test("which names look secret may be decided otherwise", () => {
  const isSecret = (name: string) => name === "pin";
  expect(redactFields({ pin: 1, token: "t" }, { isSecret })).toEqual({ pin: "[secret pin]", token: "t" });
});

test("data without secret names comes back equal, and is never changed", () => {
  fc.assert(
    fc.property(fc.object({ withMap: true, withSet: true, withDate: true, withNullPrototype: false }), (input) => {
      const before = structuredClone(input);
      expect(redactFields(input, { isSecret: () => false })).toEqual(before);
      expect(input).toEqual(before);
    }),
  );
});
