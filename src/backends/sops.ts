import { resolve } from "node:path";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { binaryFormat, formatOfFile, sopsFormats } from "../sops/formats.js";
import type { IdentityOptions, Identities } from "../sops/identity-sources.js";
import type { SopsStore } from "../sops/store.js";
import { anyPath, defineBackend } from "./contract.js";
import { requireSize } from "./limits.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import { optionFault, readKeyOption } from "./options.js";

const formats = [...sopsFormats, binaryFormat];
const formatNames = formats.map(({ name }) => `\`${name}\``).join(", ");

/** Larger than any secret; a file is decrypted whole. */
const maximumValueBytes = 16 * 1024 * 1024;

/** One file encrypted by SOPS (getsops.io); checked against 3.13.2. */
export const sopsBackend = defineBackend({
  kind: "sops",
  description: "one file encrypted by SOPS, read and written without the sops program",
  options: {
    path: { type: "file", required: true, description: "the encrypted file" },
    format: {
      type: "string",
      words: formats.map(({ name }) => name),
      description: `one of ${formatNames}; by default by the extension of the file, as SOPS does`,
    },
    key: {
      type: "key",
      usualVariables: ["SOPS_AGE_KEY"],
      description:
        "where the age identities come from; by default where SOPS looks: SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, `~/.config/sops/age/keys.txt`",
    },
    key_command: {
      type: "boolean",
      description: "run the program that SOPS_AGE_KEY_CMD names when no other identity opens the file",
      needsTrust: "runs a program",
    },
    program: {
      type: "string",
      default: "gpg",
      description: "the gpg program; default `gpg` on PATH",
      needsTrust: "runs a program",
    },
    rules: { type: "file", description: "the `.sops.yaml` for making the file, the nearest one upwards by default" },
    strict: {
      type: "boolean",
      description: "refuse values that SOPS does not vouch for at their place: unencrypted ones, and those in lists",
    },
  },
  paths: { ...anyPath, description: "keys and indices from the root of the file, joined by `/`" },
  maximumValueBytes,
  can: { write: true, delete: true, list: true },
  enforcement: "cryptographic",
  open: (store, context) => openSops(parseOptions(store.name, store.options, context), context),
});

function parseOptions(name: string, options: Readonly<Record<string, unknown>>, context: BackendContext): SopsStore {
  const fault = (option: string, message: string): never => {
    throw optionFault(name, option, message);
  };
  const fileOption = (option: string): string | undefined => {
    const value = options[option];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "" || value.includes("\0"))
      return fault(option, "expected the path of a file");
    return resolve(context.baseDirectory, value);
  };
  const flag = (option: string): boolean => {
    const value = options[option] ?? false;
    return typeof value === "boolean" ? value : fault(option, "expected true or false");
  };
  const file = fileOption("path") ?? fault("path", "expected the path of a file");
  const { format, key, program = "gpg" } = options;
  if (typeof program !== "string" || program === "") return fault("program", "expected the name of a program");
  const source = key === undefined ? undefined : readKeyOption(name, key);
  const identities = { key: source, runsKeyCommand: flag("key_command"), surroundings: context };
  return {
    file,
    format:
      format === undefined
        ? formatOfFile(file)
        : (formats.find(({ name: each }) => each === format) ?? fault("format", `expected one of ${formatNames}`)),
    identities: foundOnce(identities),
    environment: context.environment,
    program: program.includes("/") ? resolve(context.baseDirectory, program) : program,
    rules: fileOption("rules"),
    strict: flag("strict"),
    now: context.now,
  };
}

/** What was read from a descriptor or asked of a person is kept with the store. */
function foundOnce(options: IdentityOptions): () => Promise<Identities> {
  let found: Promise<Identities> | undefined;
  return async () =>
    (found ??= import("../sops/identity-sources.js").then(({ findIdentities }) => findIdentities(options)));
}

function openSops(store: SopsStore, { keyholdersFor }: BackendContext): Backend {
  const readMany = async (
    grants: readonly Grant[],
    call: BackendCall,
  ): Promise<readonly (Uint8Array | undefined)[]> => {
    const paths = grants.map((grant) => grantedAccess(grant, "read").path);
    if (paths.length === 0) return [];
    const { readValues } = await import("../sops/store.js");
    return readValues(store, paths, call.signal);
  };
  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const { path } = grantedAccess(grant, "write");
      requireSize(sopsBackend, value);
      const { writeValue } = await import("../sops/store-write.js");
      const notice = await writeValue(store, path, value, call.signal);
      if (notice !== undefined) call.warn?.(notice);
    },
    delete: async (grant, call) => {
      const { path } = grantedAccess(grant, "write");
      const { deleteValue } = await import("../sops/store-write.js");
      return deleteValue(store, path, call.signal);
    },
    list: async (call) => {
      const { listAddresses } = await import("../sops/store.js");
      const { addresses, leftOut } = await listAddresses(store, call.signal);
      if (leftOut > 0) call.trace?.(`${leftOut} values left out: their keys cannot be addressed`);
      return addresses;
    },
    check: async (paths, call, policies) => {
      const { checkSops } = await import("./sops-check.js");
      return checkSops(store, paths, { policies, keyholdersFor }, call);
    },
  };
}
