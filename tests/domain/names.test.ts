import { expect, test } from "vitest";
import { canonicalSecretName } from "../../src/domain/names.js";
import { InvalidInputError } from "../../src/errors.js";

function refusalOf(name: string): InvalidInputError {
  try {
    canonicalSecretName(name);
  } catch (thrown) {
    if (thrown instanceof InvalidInputError) return thrown;
  }
  throw new Error(`expected a refusal of ${name}`);
}

test("what follows an equals sign after a name is not repeated: it may be the value", () => {
  for (const name of ["first_key=canary", "FIRST_KEY=canary=", "=canary", "first key=canary\ncanary", "a==canary"]) {
    const { message, hint } = refusalOf(name);
    expect(message).toBe(`\`${name.split("=")[0]}=…\` is not a secret name`);
    expect(hint).toContain("a value is never given as an argument");
  }
});

test("a name of another shape is shown, with the shape it must have", () => {
  const { message, hint } = refusalOf("first key");
  expect(message).toBe("`first key` is not a secret name");
  expect(hint).toMatch(/^use lower-case letters/);
});
