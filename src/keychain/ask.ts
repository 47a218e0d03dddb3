import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import type { Keyring } from "../domain/keychain-entry.js";
import { UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { ProgramEnd } from "../process/run-program.js";
import { bindingMissing, keychainFailure, keychainLocked, packageName } from "./failures.js";
import { helperProgram } from "./helper.js";
import type { HelperAnswer, HelperRequest } from "./helper.js";
import { parseReply } from "./reply.js";
import { takeTurns } from "./turns.js";

/** Where entries are, and how they are reached. */
export interface Keychain {
  readonly keyring: Keyring;
  readonly service: string;
  /** The caller's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What is asked, of each account in turn. */
export type Question = Pick<HelperRequest, "operation" | "accounts" | "value">;

/** What was answered, up to the first account that could not be asked for. */
export interface Answered {
  readonly answers: readonly HelperAnswer[];
  readonly failure: SecretsError | undefined;
}

/** Time for a person to unlock the keychain. */
const timeoutMilliseconds = 120_000;
const maximumReplyBytes = 256 * 1024 * 1024;
/** Each is a whole Node; the keychain answers one after the other anyway. */
const takeTurn = takeTurns(2);

/** Where the session's bus and screen are, and nothing that could change what Node runs. */
const passedOn = `APPDATA DBUS_SESSION_BUS_ADDRESS DISPLAY HOME LOCALAPPDATA LOGNAME SYSTEMROOT TEMP TMP TMPDIR USER
  USERPROFILE WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR`.split(/\s+/);

/**
 * Asks the keychain, in a process of its own.
 *
 * @throws UnavailableError `not_installed` when the native part, or such a keyring, is not there; `unreachable` when it
 *   gives no answer
 * @throws CancelledError when the signal fires; the process is ended first
 */
export async function askKeychain(
  { keyring, service, environment }: Keychain,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  if (keyring === "kernel" && process.platform !== "linux") {
    throw new UnavailableError("this system has no kernel keyring: Linux has", {
      reason: "not_installed",
      hint: "leave out `keyring: kernel` to use the system's own keychain",
    });
  }
  const request: HelperRequest = { binding: bindingFile(), keyring, service, ...question };
  const { exitCode, stdout } = await runHelper(request, environment, signal);
  if (exitCode !== 0) throw new UnavailableError("the program that asks the keychain failed");
  const { answers, failure } = parseReply(stdout.toString(), question.accounts.length);
  if (failure?.at === "binding") throw bindingMissing();
  if (failure !== undefined) {
    return { answers, failure: keychainFailure(keyring, question.accounts[answers.length] ?? "", failure.said) };
  }
  const absent = answers.findIndex((answer) => answer === null || answer === false);
  if (keyring === "kernel" || absent < 0) return { answers, failure: undefined };
  const { isCollectionLocked } = await import("./locked.js");
  if ((await isCollectionLocked(environment, signal)) !== true) return { answers, failure: undefined };
  return { answers: answers.slice(0, absent), failure: keychainLocked() };
}

async function runHelper(
  request: HelperRequest,
  environment: Keychain["environment"],
  signal: AbortSignal | undefined,
): Promise<ProgramEnd> {
  const kept = passedOn.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  try {
    const call = {
      argv: [process.execPath, "--input-type=commonjs", "--eval", helperProgram()],
      environment: Object.fromEntries(kept),
      input: Buffer.from(JSON.stringify(request)),
      signal,
      timeoutMilliseconds,
      maximumOutputBytes: maximumReplyBytes,
    } as const;
    return await takeTurn(() => runProgram(call), signal);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new UnavailableError("the keychain gave no answer", {
      hint: `it may wait for somebody to unlock it; it has ${timeoutMilliseconds / 1000} s for that`,
      cause: error,
    });
  }
}

/** Found from where this package is installed, never from the working directory. */
function bindingFile(): string {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (error) {
    throw bindingMissing(error);
  }
}
