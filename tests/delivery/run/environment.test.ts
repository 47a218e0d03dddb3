import { expect, test } from "vitest";
import { childEnvironment } from "../../../src/delivery/run/environment.js";
import { fileDeliveries, valueDeliveries } from "../../../src/delivery/run/deliveries.js";
import { Secret } from "../../../src/domain/secret.js";

const secretsOf = (values: Readonly<Record<string, string | Uint8Array>>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, new Secret(name, Buffer.from(value))]));

const none = { ownVariables: [], pristine: false, pathOf: (name: string) => `/memory/${name}` };

test("a child gets what the parent has, less everything of ours, plus the named secrets", () => {
  const parent = {
    PATH: "/bin",
    FIRST_KEY: "stale",
    MXM_ROLE: "developer",
    MXM_SECRETS_STATE: "/s",
    STORE_KEY: "k",
    none: undefined,
  };
  const secrets = secretsOf({ first_key: "one\ntwo", empty: "" });
  const deliveries = valueDeliveries(["first_key", "empty"], "");
  expect(childEnvironment({ ...none, parent, deliveries, secrets, ownVariables: ["STORE_KEY"] })).toEqual({
    PATH: "/bin",
    FIRST_KEY: "one\ntwo",
    EMPTY: "",
  });
});

test("a pristine child gets four of the parent's variables at most, and none of them is made up", () => {
  const parent = { PATH: "/bin", HOME: "/h", LANG: "C", LC_ALL: "C", AWS_SECRET_ACCESS_KEY: "x", TERMCAP: "y" };
  const secrets = secretsOf({ first_key: "one" });
  const deliveries = valueDeliveries(["first_key"], "APP_");
  expect(childEnvironment({ ...none, parent, deliveries, secrets, pristine: true })).toEqual({
    PATH: "/bin",
    HOME: "/h",
    LANG: "C",
    APP_FIRST_KEY: "one",
  });
});

test("a secret that is delivered as a file is in the environment by its path alone", () => {
  const secrets = secretsOf({ tls_key: Uint8Array.of(0, 0xff) });
  const deliveries = fileDeliveries(["tls_key", "tls_key=KEY_PATH"], "");
  expect(childEnvironment({ ...none, parent: {}, deliveries, secrets })).toEqual({
    TLS_KEY_FILE: "/memory/tls_key",
    KEY_PATH: "/memory/tls_key",
  });
});

test("a value no environment can hold is refused with the reason, without the value", () => {
  const environmentOf = (value: string | Uint8Array) => () =>
    childEnvironment({ ...none, parent: {}, deliveries: valueDeliveries(["a"], ""), secrets: secretsOf({ a: value }) });
  expect(environmentOf("canary\0x")).toThrow("the value of `a` has a NUL byte, which no");
  expect(environmentOf(Uint8Array.of(0xff))).toThrow("the value of `a` is binary, which no");
});
