import { expect, test } from "vitest";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { codeOf } from "../support/spied-api.js";

const data = {
  stores: {
    own: { backend: "env" },
    sealed: { backend: "sealed", key: { env: "VAULT_KEY" } },
    protected: { backend: "sealed", key: { file: "k", passphrase: { env: "VAULT_PASSPHRASE" } } },
    layered: { backend: "chain", stores: ["own"] },
  },
  refs: {
    key: { store: "own", path: "vault/key", policy: "access" },
    passphrase: { store: "layered", path: "vault_passphrase", policy: "access" },
    ours: { store: "own", path: "mxm_secrets_passphrase", policy: "access" },
    other: { store: "layered", path: "other", policy: "access" },
  },
  policies: { access: { allowed_principals: ["marketdata"] } },
};

test("no ref gives out the keys and passphrases that the configuration takes from variables", async () => {
  const environment = { VAULT_KEY: "c", VAULT_PASSPHRASE: "c", MXM_SECRETS_PASSPHRASE: "c", OTHER: "fine" };
  const api = SecretsApi.fromConfigData(data, { environment });
  for (const secretName of ["key", "passphrase", "ours"]) {
    expect(await codeOf(api.getSecret({ secretName, identity: loader })), secretName).toBe("denied");
  }
  expect(await api.getSecret({ secretName: "other", identity: loader })).toBe("fine");
});
