import { Buffer } from "node:buffer";
import type { KeychainEntry } from "../domain/keychain-entry.js";
import { InvalidInputError, throwIfCancelled } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { askKeychain } from "./ask.js";
import type { Keychain, Question } from "./ask.js";
import type { HelperAnswer } from "./helper.js";

/** The longest value of a key of type `user` (keyrings(7)). */
const maximumKernelBytes = 32_767;

/** @throws what it fails with when the keychain does not answer */
export async function openKeychain(keychain: Keychain, signal: AbortSignal | undefined): Promise<void> {
  await answersOf(keychain, { operation: "open", accounts: [keychain.service] }, signal);
}

/** The values of these accounts, `undefined` for those it does not hold. All by one program, one after the other. */
export async function readEntries(
  keychain: Keychain,
  accounts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly (Uint8Array | undefined)[]> {
  throwIfCancelled(signal);
  if (accounts.length === 0) return [];
  const answers = await answersOf(keychain, { operation: "read", accounts }, signal);
  return answers.map((answer) => (typeof answer === "string" ? Buffer.from(answer, "base64") : undefined));
}

/** What is known of some accounts, up to the first that could not be asked for. */
export interface HeldEntries {
  readonly held: readonly boolean[];
  readonly failure: SecretsError | undefined;
}

/** Whether it holds each of these accounts. The values stay in the other process. */
export async function hasEntries(
  keychain: Keychain,
  accounts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<HeldEntries> {
  const { answers, failure } = await askKeychain(keychain, { operation: "has", accounts }, signal);
  return { held: answers.map((answer) => answer === true), failure };
}

/** Stores or replaces one value. @throws InvalidInputError when the kernel cannot hold it */
export async function writeEntry(
  keychain: Keychain,
  account: string,
  value: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (keychain.keyring === "kernel" && (value.length === 0 || value.length > maximumKernelBytes)) {
    throw new InvalidInputError(
      `the value is ${value.length} bytes; the kernel keyring holds 1 to ${maximumKernelBytes}`,
    );
  }
  const encoded = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  await answersOf(keychain, { operation: "write", accounts: [account], value: encoded }, signal);
}

/** Removes one value. @returns `false` when there was none */
export async function deleteEntry(
  keychain: Keychain,
  account: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [answer] = await answersOf(keychain, { operation: "delete", accounts: [account] }, signal);
  return answer === true;
}

/** One value, for who has no store. @returns `undefined` when there is none */
export async function readEntry(
  { keyring, service, account }: KeychainEntry,
  environment: Keychain["environment"],
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  return (await readEntries({ keyring, service, environment }, [account], signal))[0];
}

async function answersOf(
  keychain: Keychain,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<readonly HelperAnswer[]> {
  const { answers, failure } = await askKeychain(keychain, question, signal);
  if (failure !== undefined) throw failure;
  return answers;
}
