import { hasControlCharacter } from "./names.js";

/** The keychain of the desktop or operating system, or the keyrings of the Linux kernel. */
export type Keyring = "os" | "kernel";

/** The words for {@link Keyring} in a configuration. */
export const keyrings: readonly Keyring[] = ["os", "kernel"];

/** What names one value in a keychain. */
export interface KeychainEntry {
  readonly keyring: Keyring;
  readonly service: string;
  readonly account: string;
}

/** The service of our entries, unless the configuration says another. */
export const defaultService = "mxm-secrets";

const maximumServiceLength = 255;

/** The keyring a word names, or `undefined`. */
export function keyringOf(word: unknown): Keyring | undefined {
  return keyrings.find((keyring) => keyring === word);
}

/** What is wrong with the name of a service in this keyring, or `undefined`. */
export function serviceFault(keyring: Keyring, service: unknown): string | undefined {
  if (service === "") return "expected a text that is not empty";
  if (typeof service !== "string" || hasControlCharacter(service) || !service.isWellFormed()) {
    return "expected a text without control characters";
  }
  if (service.length > maximumServiceLength) return `expected at most ${maximumServiceLength} characters`;
  // There a key has one name, `service:account`, which must be read in one way.
  return keyring === "kernel" && service.includes(":") ? "expected no `:` in the kernel keyring" : undefined;
}
