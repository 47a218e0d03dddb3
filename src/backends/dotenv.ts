import { closeSync, fstatSync } from "node:fs";
import * as path from "node:path";
import { parseDotenv } from "../dotenv/parse.js";
import type { DotenvEntry } from "../dotenv/parse.js";
import { looksLikePlaceholder } from "../dotenv/placeholder.js";
import { grantedAccess } from "../domain/grant.js";
import { environmentNameOfPath, pathFault } from "../domain/names.js";
import {
  IntegrityError,
  InvalidInputError,
  isSecretsError,
  quote,
  throwIfCancelled,
  UnavailableError,
} from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { fileError } from "../files/errno.js";
import { openRegular } from "../files/open-regular.js";
import { refuseOwnFile } from "../files/own-file.js";
import { inspectPrivate } from "../files/private.js";
import { realFile } from "../files/real-file.js";
import { isSystemFile } from "../files/system-file.js";
import { anyPath, defineBackend } from "./contract.js";
import { findingOf } from "./finding.js";
import type { Backend, BackendContext, Finding, StoreReport } from "./contract.js";
import { optionFault } from "./options.js";

const maximumValueBytes = 16 * 1024 * 1024;
/** Of the whole file. */
const maximumBytes = 4 * maximumValueBytes;

type Entries = ReadonlyMap<string, DotenvEntry>;

/** An env file, read only. A path names the key of the same spelling, else the variable it maps to, as in `env`. */
export const dotenvBackend = defineBackend({
  kind: "dotenv",
  description: "a `.env` file, plaintext, readable by its owner alone",
  options: {
    path: { type: "file", default: ".env", holds: "plaintext", description: "the env file, `.env` by default" },
  },
  paths: anyPath,
  maximumValueBytes,
  can: { write: false, delete: false, list: true },
  enforcement: "advisory",
  open: (store, context) => openDotenv(fileOf(store, context), context),
});

function openDotenv(file: string, context: BackendContext): Backend {
  const load = (): Entries => {
    // The text of an older key would be a name here, and names are listed.
    refuseOwnFile(file, context.isOwnFile);
    return readEntries(file, context.allowInsecurePermissions);
  };
  return {
    read: async (grant, call) => {
      const { path: wanted } = grantedAccess(grant, "read");
      throwIfCancelled(call.signal);
      return bytesOf(entryFor(load(), wanted));
    },
    readMany: async (grants, call) => {
      const wanted = grants.map((grant) => grantedAccess(grant, "read").path);
      throwIfCancelled(call.signal);
      const entries = load();
      return wanted.map((one) => bytesOf(entryFor(entries, one)));
    },
    list: async () => [...load().keys()].filter((key) => pathFault(key) === undefined).toSorted(),
    check: async (paths) => report(file, paths, load, context.allowInsecurePermissions),
  };
}

function report(file: string, paths: readonly string[], load: () => Entries, insecure: boolean): StoreReport {
  let entries: Entries;
  try {
    entries = load();
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    return { findings: [findingOf(error)], presence: new Map(paths.map((one) => [one, "unknown"])) };
  }
  const fault = insecure ? inspectPrivate(file) : undefined;
  return {
    findings: [
      ...(fault === undefined ? [] : [{ severity: "warning" as const, ...fault }]),
      ...warnings(file, entries),
    ],
    presence: new Map(paths.map((one) => [one, entryFor(entries, one) === undefined ? "absent" : "present"])),
  };
}

function warnings(file: string, entries: Entries): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { key, value, line, hashInside } of entries.values()) {
    const where = `${quote(file)} line ${line}: ${quote(key)}`;
    if (looksLikePlaceholder(value)) {
      findings.push({
        severity: "warning",
        message: `${where} looks like a placeholder`,
        hint: "put the real value there",
      });
    } else if (hashInside) {
      findings.push({
        severity: "warning",
        message: `${where} has a \`#\` without quotes, which other programs take for a comment`,
        hint: "put the value in single quotes",
      });
    }
  }
  return findings;
}

function readEntries(file: string, insecure: boolean): Entries {
  // What a system shows as files is no env file: `/proc/self/environ` would give out this process's own variables.
  const descriptor = isSystemFile(realFile(file)) ? refuseSystemFile(file) : openRegular(file);
  if (descriptor === undefined) {
    throw new UnavailableError(`there is no file ${quote(file)}`, {
      reason: "not_initialised",
      hint: "make the file, or correct `path:` of the store",
    });
  }
  try {
    const status = fstatSync(descriptor);
    const fault = insecure ? undefined : inspectPrivate(file, status);
    if (fault !== undefined) {
      throw new UnavailableError(fault.message, { hint: `${fault.hint}, or give \`--allow-insecure-permissions\`` });
    }
    const bytes = readBounded(descriptor, maximumBytes, status.size);
    if (bytes === undefined) throw new UnavailableError(`${quote(file)} is longer than ${maximumBytes} bytes`);
    return new Map(parseDotenv(bytes, file).map((entry) => [entry.key, entry]));
  } catch (error) {
    if (error instanceof InvalidInputError) throw damaged(error);
    if (isSecretsError(error)) throw error;
    throw fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
}

function refuseSystemFile(file: string): never {
  throw new UnavailableError(`${quote(file)} is not a regular file`, { hint: "give the path of a file" });
}

/** The file is the store here, not what somebody typed: a reader is told what it is told of every store. */
function damaged({ message, hint }: InvalidInputError): IntegrityError {
  return new IntegrityError(message, hint === undefined ? {} : { hint });
}

function entryFor(entries: Entries, wanted: string): DotenvEntry | undefined {
  return entries.get(wanted) ?? entries.get(environmentNameOfPath(wanted));
}

function bytesOf(entry: DotenvEntry | undefined): Uint8Array | undefined {
  return entry === undefined ? undefined : new TextEncoder().encode(entry.value);
}

function fileOf(
  store: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
  context: BackendContext,
): string {
  const { path: file = ".env" } = store.options;
  if (typeof file === "string" && file !== "" && !file.includes("\0")) return path.resolve(context.baseDirectory, file);
  throw optionFault(store.name, "path", "expected the path of a file");
}
