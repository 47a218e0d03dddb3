import type { Keyring } from "../domain/keychain-entry.js";
import { IntegrityError, InvalidInputError, LockedError, quote, UnavailableError } from "../errors.js";
import type { SecretsError } from "../errors.js";

/** The package with the native part. */
export const packageName = "@napi-rs/keyring";

const elsewhere =
  "on a server keep secrets in a `sealed` store or in systemd's credentials (`files`), or use `keyring: kernel`";

interface FailureRow {
  /** What the native part says (package keyring-core 1, and the libraries under it), by the words that stay. */
  readonly said: RegExp;
  readonly error: (account: string) => SecretsError;
}

const common: readonly FailureRow[] = [
  {
    said: /^Entry is matched by/,
    error: (account) =>
      new IntegrityError(`the keychain holds more than one entry ${quote(account)} of this service`, {
        hint: "remove all but one in the keychain's own program, or with `secret-tool clear`",
      }),
  },
  {
    said: /^Value of '|longer than|too long/i,
    error: (account) =>
      new InvalidInputError(`the keychain does not take ${quote(account)}: name or value does not fit`),
  },
];

const failures: Readonly<Record<Keyring, readonly FailureRow[]>> = {
  os: [
    ...common,
    {
      said: /autolaunch|not provided by any \.service file/i,
      error: () =>
        new UnavailableError("there is no keychain here: no Secret Service on a D-Bus session bus", {
          reason: "not_initialised",
          hint: `it comes with a desktop session (gnome-keyring, KWallet, KeePassXC); ${elsewhere}`,
        }),
    },
    {
      said: /^Couldn't access platform storage|\ba locked\b/,
      error: keychainLocked,
    },
  ],
  kernel: [
    ...common,
    {
      said: /QuotaExceeded/,
      error: () =>
        new UnavailableError("the kernel keyring of this user is full", {
          hint: "see `cat /proc/key-users`; the limits are in /proc/sys/kernel/keys",
        }),
    },
    {
      said: /AccessDenied|KeyRevoked|KeyExpired/,
      error: () =>
        new UnavailableError("the kernel lets this process use no keyring", {
          hint: "it may have the session keyring of a login that has ended: start it by `keyctl session - COMMAND`",
        }),
    },
  ],
};

/**
 * The error for what the native part said. Its text is not passed on.
 *
 * @param account - of the entry that was asked for
 */
export function keychainFailure(keyring: Keyring, account: string, said: string): SecretsError {
  const row = failures[keyring].find((each) => each.said.test(said));
  if (row !== undefined) return row.error(account);
  const name = keyring === "os" ? "keychain" : "kernel keyring";
  return new UnavailableError(`the ${name} cannot be asked`, {
    hint:
      keyring === "os" ? `its service, or the way to it, is broken; ${elsewhere}` : "some containers forbid keyrings",
  });
}

/** The error for a keychain that shows nothing, or not what is asked for, until it is unlocked. */
export function keychainLocked(): LockedError {
  return new LockedError("the keychain is locked, or did not allow the access", {
    hint: "unlock it in the desktop's own program, and allow the access when it asks",
  });
}

/** The error when the native part is not there, or not for this machine. */
export function bindingMissing(cause?: unknown): UnavailableError {
  return new UnavailableError(`the package \`${packageName}\` is not installed for this system`, {
    reason: "not_installed",
    hint: "it is an optional dependency: run `npm install` without `--omit=optional`",
    cause,
  });
}
