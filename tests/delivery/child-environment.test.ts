import { expect, test } from "vitest";
import { childEnvironment } from "../../src/delivery/child-environment.js";
import { Secret } from "../../src/domain/secret.js";

const secret = (name: string, value: string | Uint8Array) =>
  new Secret(name, typeof value === "string" ? new TextEncoder().encode(value) : value);

test("a child gets what the parent has, less everything of ours, plus the named secrets", () => {
  const parent = {
    PATH: "/bin",
    FIRST_KEY: "stale",
    MXM_ROLE: "developer",
    MXM_SECRETS_STATE: "/s",
    STORE_KEY: "k",
    none: undefined,
  };
  expect(childEnvironment(parent, [secret("first_key", "one\ntwo"), secret("empty", "")], ["STORE_KEY"])).toEqual({
    PATH: "/bin",
    FIRST_KEY: "one\ntwo",
    EMPTY: "",
  });
});

test("a value no environment can hold is refused with the reason, without the value", () => {
  expect(() => childEnvironment({}, [secret("a", "canary\0x")], [])).toThrow(
    "the value of `a` has a NUL byte, which no",
  );
  expect(() => childEnvironment({}, [secret("a", Uint8Array.of(0xff))], [])).toThrow(
    "the value of `a` is binary, which no",
  );
});
