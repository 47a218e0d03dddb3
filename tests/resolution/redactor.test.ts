import { expect, test } from "vitest";
import { createRedactor } from "../../src/redaction/redactor.js";
import { loader } from "../support/policies.js";
import { apiWith, codeOf } from "../support/spied-api.js";

test("a redactor given to the api masks every value it has given out, and no other", async () => {
  const redactor = createRedactor();
  const { api } = apiWith({ redactor });
  expect(redactor.redact("canary-1f0c")).toBe("canary-1f0c");
  await api.getSecret({ secretName: "missing", identity: loader, default: "a default" });
  await codeOf(api.getSecret({ secretName: "other", identity: loader }));
  expect(redactor.redact("canary-1f0c a default")).toBe("canary-1f0c a default");
  await api.getSecrets([{ secretName: "api_key", identity: loader }]);
  expect(redactor.redact("canary-1f0c Y2FuYXJ5LTFmMGM=")).toBe("[secret api_key] [secret api_key]");
});

test("a value that the redactor does not take is not given out", async () => {
  const refuse = () => {
    throw new Error("no");
  };
  const { api } = apiWith({ redactor: { add: refuse } });
  await expect(api.getSecret({ secretName: "api_key", identity: loader })).rejects.toThrow("no");
});
