import { grantedAccess } from "../domain/grant.js";
import { defaultService, keyringOf, keyrings, serviceFault } from "../domain/keychain-entry.js";
import { quote } from "../errors.js";
import type { Keychain } from "../keychain/ask.js";
import { anyPath, defineBackend } from "./contract.js";
import type { Backend, BackendContext } from "./contract.js";
import { optionFault } from "./options.js";

/** The keychain of this user: Secret Service, macOS Keychain, Windows Credential Manager, or the Linux kernel's keyrings. */
export const keychainBackend = defineBackend({
  kind: "keychain",
  description: "the keychain of your desktop or operating system, or the kernel's keyring",
  options: {
    service: { type: "string", description: `the service of all entries of this store; default \`${defaultService}\`` },
    keyring: {
      type: "string",
      words: keyrings,
      description: "`os` (default): the keychain you log in to; `kernel`: Linux's keyrings, in memory",
    },
  },
  paths: anyPath,
  // CRED_MAX_CREDENTIAL_BLOB_SIZE of Windows; elsewhere what passes through the bus and its clients at ease.
  maximumValueBytes: process.platform === "win32" ? 2560 : 1024 * 1024,
  can: { write: true, delete: true, list: false },
  enforcement: "advisory",
  open: (store, context) => openKeychainStore(parseOptions(store.name, store.options, context)),
});

function parseOptions(name: string, options: Readonly<Record<string, unknown>>, context: BackendContext): Keychain {
  const { service = defaultService, keyring: word = "os" } = options;
  const keyring = keyringOf(word);
  if (keyring === undefined) throw optionFault(name, "keyring", `expected ${keyrings.map(quote).join(" or ")}`);
  const serviceProblem = serviceFault(keyring, service);
  if (typeof service !== "string" || serviceProblem !== undefined)
    throw optionFault(name, "service", serviceProblem ?? "");
  return { keyring, service, environment: context.environment };
}

function openKeychainStore(keychain: Keychain): Backend {
  const readMany: NonNullable<Backend["readMany"]> = async (grants, call) => {
    const paths = grants.map((grant) => grantedAccess(grant, "read").path);
    const { readEntries } = await import("../keychain/client.js");
    return readEntries(keychain, paths, call.signal);
  };
  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const { path } = grantedAccess(grant, "write");
      const { writeEntry } = await import("../keychain/client.js");
      await writeEntry(keychain, path, value, call.signal);
    },
    delete: async (grant, call) => {
      const { path } = grantedAccess(grant, "write");
      const { deleteEntry } = await import("../keychain/client.js");
      return deleteEntry(keychain, path, call.signal);
    },
    check: async (paths, call) => {
      const { checkKeychain } = await import("./keychain-check.js");
      return checkKeychain(keychain, paths, call);
    },
  };
}
