import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { scratchDirectory } from "../support/directory.js";
import { loader } from "../support/policies.js";
import { codeOf } from "../support/spied-api.js";

test("no ref gives out a key that the configuration takes from a file, wherever that lies and whatever leads to it", async () => {
  const baseDirectory = scratchDirectory();
  mkdirSync(join(baseDirectory, "stores"));
  for (const file of [".key", ".key.old", "stores/.key", "elsewhere", "protected", "other"]) {
    writeFileSync(join(baseDirectory, file), "value", { mode: 0o600 });
  }
  symlinkSync("stores/.key", join(baseDirectory, "link"));
  // A key of the older format has the form of a name without a value.
  writeFileSync(join(baseDirectory, "older"), `${"k".repeat(43)}=`, { mode: 0o600 });
  const paths = { own: ".key", old: ".key.old", beside: "stores/.key", named: "elsewhere", protected: "protected" };
  const refs = Object.entries({ ...paths, linked: "link", other: "other" }).map(
    ([name, path]) => [name, { store: "files", path, policy: "access" }] as const,
  );
  const stores = {
    files: { backend: "files", root: "." },
    variables: { backend: "env" },
    dotenv: { backend: "dotenv", path: "older" },
    older: { backend: "sealed", path: "older.enc", key: "older" },
    default: { backend: "sealed" },
    nested: { backend: "sealed", path: "stores/secrets.enc" },
    named: { backend: "sealed", path: "other.enc", key: "elsewhere" },
    locked: { backend: "sealed", path: "x.enc", key: { file: "protected", passphrase: { env: "P" } } },
    gone: { backend: "sealed", path: "y.enc", key: "not-there" },
  };
  const environment = { TOKEN_FILE: join(baseDirectory, "link") };
  const token = { store: "variables", path: "token", policy: "access" };
  const older = { store: "dotenv", path: "k".repeat(43), policy: "access" };
  const files = {
    stores,
    refs: Object.fromEntries([...refs, ["token", token], ["older", older]]),
    policies: { access: { allowed_principals: ["marketdata"] } },
  };
  const api = SecretsApi.fromConfigData(files, { environment, baseDirectory });
  for (const secretName of [...Object.keys(paths), "linked", "token", "older"]) {
    expect(await codeOf(api.getSecret({ secretName, identity: loader })), secretName).toBe("denied");
  }
  expect(await api.getSecret({ secretName: "other", identity: loader })).toBe("value");
  const { refs: checked } = await api.check({ identity: loader });
  expect(checked.filter(({ presence }) => presence === "present").map(({ name }) => name)).toEqual(["other"]);
});
