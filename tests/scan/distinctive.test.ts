import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { telltaleParts, whyTooCommon } from "../../src/scan/distinctive.js";

test.each(["true", "1234", "hunter2", "postgres", "PASSWORD", "Localhost", "20260101", "--------", "abababababababab"])(
  "a value as common as `%s` is not looked for",
  (value) => expect(whyTooCommon(value)).toMatch(/^its value /),
);

test("a placeholder is not looked for", () => {
  expect(whyTooCommon("your-token-here")).toBe("its value looks like a placeholder");
});

test.each(["hunter22", "p4ss#word", "correct horse", "correcthorsebattery", "5551234567890", "пароль-длинный"])(
  "a value like `%s` is looked for",
  (value) => expect(whyTooCommon(value)).toBeUndefined(),
);

test("of a private key every line of key data is telling, and no armour line", () => {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const [, ...lines] = privateKey.trimEnd().split("\n");
  expect(telltaleParts(privateKey)).toEqual(lines.slice(0, -1));
});

test("of a file of credentials what looks like chance is telling, and no field, address or project", () => {
  const id = randomBytes(20).toString("hex");
  const text = JSON.stringify(
    {
      type: "service_account",
      project_id: "google-cloud-project-123456",
      private_key_id: id,
      client_email: "some-long-service-name-42@google-cloud-project.example.com",
      token_uri: "https://oauth2.example.com/token/of/a/long/address",
    },
    undefined,
    2,
  );
  expect(telltaleParts(text)).toEqual([id]);
});
