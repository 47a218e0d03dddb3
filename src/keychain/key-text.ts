import { Buffer } from "node:buffer";
import type { KeychainEntry } from "../domain/keychain-entry.js";
import { LockedError, quote, UnavailableError } from "../errors.js";
import { readEntry } from "./client.js";

/** The text of a key, or of a passphrase, that is an entry of the keychain. */
export interface KeyTextCall {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** `the key`, for messages. */
  readonly what: string;
  readonly maximumBytes: number;
}

/**
 * @throws LockedError when there is no such entry, or it is too long
 * @throws UnavailableError `unreachable` when there is no keychain; else as reading from the keychain does
 */
export async function readKeyText(entry: KeychainEntry, call: KeyTextCall): Promise<string> {
  const value = await readEntry(entry, call.environment, call.signal).catch((error: unknown) => {
    throw asOfTheStore(error);
  });
  const place = `${call.what} is expected in the keychain as ${quote(entry.account)} of the service ${quote(entry.service)}`;
  if (value === undefined) {
    throw new LockedError(`${place}, which is not there`, {
      hint: "put it there with the keychain's own program, or with `mxm-secrets set` in a store with `backend: keychain`",
    });
  }
  if (value.length > call.maximumBytes) throw new LockedError(`${place}, which is too long for one`);
  return Buffer.from(value).toString();
}

/** The store that the key opens is there, with or without a keychain: a chain that passed it over would use another value. */
function asOfTheStore(error: unknown): unknown {
  if (!(error instanceof UnavailableError) || error.reason === "unreachable") return error;
  const { message, hint } = error;
  return new UnavailableError(message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
