import type { Keyring } from "../domain/keychain-entry.js";

/** What is asked of the keychain: the same of each account, one after the other. */
export interface HelperRequest {
  /** The main file of the package with the native part. */
  readonly binding: string;
  readonly operation: "open" | "has" | "read" | "write" | "delete";
  readonly keyring: Keyring;
  readonly service: string;
  readonly accounts: readonly string[];
  /** Base64; for `write`. */
  readonly value?: string;
}

/** The value in Base64 or `null` for `read`, whether there was one for `has` and `delete`, `true` for the others. */
export type HelperAnswer = string | boolean | null;

/** One answer for each account up to the first failure. What the native part said is to be classified, and never shown. */
export interface HelperReply {
  readonly answers: readonly HelperAnswer[];
  readonly failure?: { readonly at: "binding" | "keychain"; readonly said: string };
}

/** What is used of the package. */
export interface NativeModule {
  readonly Entry: {
    new (service: string, account: string, options: object): NativeEntry;
    withTarget(target: string, service: string, account: string, options: object): NativeEntry;
  };
}

interface NativeEntry {
  readonly getSecret: () => ArrayLike<number> | null;
  readonly setSecret: (value: Uint8Array) => void;
  readonly deleteCredential: () => boolean;
}

/**
 * The program that asks: the request comes by standard input, the reply goes to standard output. It runs in a process of
 * its own because the native calls block until the keychain answers, which may be never (a prompt that nobody sees, a bus
 * that hangs), and nothing within a process can end them.
 */
export function helperProgram(): string {
  return `const request = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify((${answerAll.toString()})(request, () => require(request.binding))));`;
}

/** Passed on as its source text: it uses nothing but its parameters and what every script has. */
function answerAll(request: HelperRequest, load: () => NativeModule): HelperReply {
  const openEntry = ({ Entry }: NativeModule, account: string): NativeEntry => {
    const { keyring, service } = request;
    // Always one store by name: without it the package falls back from one to the other.
    const options = { linux: { store: keyring === "os" ? "secret-service" : "keyutils" } };
    if (keyring === "os") return new Entry(service, account, options);
    return Entry.withTarget(`${service}:${account}`, service, account, options);
  };
  const operations: Readonly<Record<HelperRequest["operation"], (entry: NativeEntry) => HelperAnswer>> = {
    open: () => true,
    has: (entry) => entry.getSecret() !== null,
    read: (entry) => {
      const value = entry.getSecret();
      return value === null ? null : Buffer.from(Uint8Array.from(value)).toString("base64");
    },
    write: (entry) => {
      entry.setSecret(Buffer.from(request.value ?? "", "base64"));
      return true;
    },
    delete: (entry) => entry.deleteCredential(),
  };
  const answers: HelperAnswer[] = [];
  let at: "binding" | "keychain" = "binding";
  try {
    const native = load();
    at = "keychain";
    // A process without a session keyring (cron, a container) gets one by the first entry, and can use it from the second on.
    if (request.keyring === "kernel") openEntry(native, request.service);
    for (const account of request.accounts) {
      answers.push(operations[request.operation](openEntry(native, account)));
    }
    return { answers };
  } catch (error) {
    return { answers, failure: { at, said: String(error instanceof Error ? error.message : error) } };
  }
}
