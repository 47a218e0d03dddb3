// Scratch projects with sealed stores of any size, made through the library's own code.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newCompartmentKey } from "../dist/lib/sealed/compartments.js";
import { createStore } from "../dist/lib/sealed/create.js";
import { makeKeyIdentity } from "../dist/lib/sealed/new-key.js";
import { updateStore } from "../dist/lib/sealed/update.js";
import { sealValue } from "../dist/lib/sealed/value.js";

export const command = new URL("../dist/mxm-secrets.cjs", import.meta.url).pathname;

/** The name of secret number `index`: sorts as the numbers do. */
export function nameOf(index) {
  return `secret_${String(index).padStart(6, "0")}`;
}

/** Configuration data with `refs` names in one sealed store under one policy. */
export function configFor(refs, recipient) {
  return {
    version: 1,
    stores: { local: { backend: "sealed", path: "secrets.enc" } },
    refs: Object.fromEntries(
      Array.from({ length: refs }, (_, index) => [
        nameOf(index),
        { store: "local", path: nameOf(index), policy: "default", description: `secret number ${index}` },
      ]),
    ),
    policies: { default: { allowed_principals: ["developer"], actions: ["read", "write"] } },
    keyholders: { owner: { age: recipient, principals: ["developer"], write: true } },
    identity: { environment: "dev", role: "developer" },
  };
}

/** A project directory whose store holds `secrets` values and whose configuration names `refs` of them. */
export async function makeProject({ secrets, refs }) {
  const home = mkdtempSync(join(tmpdir(), "mxm-bench-"));
  const directory = join(home, "project");
  const stateDirectory = join(home, "state");
  mkdirSync(directory);
  const { text, identity } = await makeKeyIdentity("x25519", undefined);
  writeFileSync(join(directory, ".key"), text, { mode: 0o600 });
  const place = { file: join(directory, "secrets.enc"), stateDirectory, fingerprint: undefined };
  await createStore(place, identity, { name: "owner" });
  await updateStore(place, [identity], (contents) => fill(contents, secrets, identity.recipient));
  const data = configFor(refs, identity.recipient);
  writeFileSync(join(directory, "mxm-secrets.yaml"), yamlOf(data));
  const environment = {
    PATH: process.env.PATH,
    HOME: home,
    MXM_SECRETS_STATE: stateDirectory,
    MXM_SECRETS_CACHE: join(home, "cache"),
  };
  const remove = () => rmSync(home, { recursive: true, force: true });
  return { directory, stateDirectory, environment, data, remove };
}

async function fill(contents, count, recipient) {
  const { key, records } = await newCompartmentKey("default", [{ name: "owner", recipient }]);
  const secrets = Array.from({ length: count }, (_, index) => {
    const address = { path: nameOf(index), policy: "default", version: 1 };
    const value = Buffer.from(`value of secret number ${index}, thirty-two bytes or so`);
    return { ...address, updated: "2026-11-22T08:00:00Z", ...sealValue(key, contents.storeId, address, value) };
  });
  const compartments = [{ policy: "default", epoch: 1 }];
  return { contents: { ...contents, compartments, recipients: records, secrets }, result: undefined };
}

/** One line an entry, as people write it. */
function yamlOf(data) {
  const sections = Object.entries(data).map(([section, value]) =>
    typeof value === "object"
      ? `${section}:\n${Object.entries(value)
          .map(([name, entry]) => `  ${name}: ${JSON.stringify(entry)}`)
          .join("\n")}`
      : `${section}: ${value}`,
  );
  return `${sections.join("\n\n")}\n`;
}
