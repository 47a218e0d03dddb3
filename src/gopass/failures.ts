import { LockedError, quote, UnavailableError, UnsupportedError } from "../errors.js";
import type { SecretsError } from "../errors.js";
import { damaged, decryptionFailure } from "../gpg/failures.js";
import type { DecryptionHints, DecryptionSubject } from "../gpg/failures.js";
import { parseStatus } from "../gpg/status.js";

/** What a failed run of gopass left to judge by. The two texts may hold a value and are never shown. */
export interface FailedRun {
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** The lines gpg wrote for `--status-fd`. */
  readonly status: string;
}

interface Row<T> {
  readonly when: (run: T) => boolean;
  readonly error: (entry: string) => SecretsError;
}

const mentions =
  (pattern: RegExp) =>
  (run: FailedRun): boolean =>
    pattern.test(run.stderr);

/** Exit code 6 and the words around gpg are the only failures common to all commands of gopass. */
const generalFailures: readonly Row<FailedRun>[] = [
  {
    when: ({ exitCode }) => exitCode === 6,
    error: () =>
      new UnavailableError("gopass is not initialised for this user", {
        reason: "not_initialised",
        hint: "run `gopass clone URL` for an existing store, or `gopass setup` for a new one",
      }),
  },
  {
    when: mentions(/failed to detect binary|"gpg2?": executable file not found/),
    error: () =>
      new UnavailableError("gopass is installed, but `gpg` is not", {
        reason: "not_installed",
        hint: "install the package `gnupg` of your operating system",
      }),
  },
  {
    when: mentions(/status-fd is invalid/),
    error: () =>
      new UnavailableError("gpg could not report how the decryption went", {
        hint: "the configured program is a wrapper that closes descriptor 3: point `program` at gopass itself",
      }),
  },
];

const hints: DecryptionHints = {
  damaged: "restore it from the store's git history: `git log -- FILE`, then `git checkout COMMIT -- FILE`",
  plain: "somebody put plain text into the store: change the value at its source, then store it with `gopass insert`",
  passphrase: "store it again with `gopass insert`, so that it is encrypted for the folder's recipients",
  notOurs:
    "a holder of the store adds this machine's key to the folder: `gopass recipients add`, or a line in its `.gpg-id` and `gopass fsck --decrypt`",
  unlock: "unlock the key first, for instance `export GPG_TTY=$(tty)` and `gopass show` once in a terminal",
};

const writeFailures: readonly Row<FailedRun>[] = [
  {
    when: mentions(/disabled by `core\.readonly`/),
    error: () =>
      new UnsupportedError("the gopass store is read-only", { hint: "gopass has `core.readonly` set for this store" }),
  },
  {
    when: mentions(
      /no valid and trusted recipients|no useable recipients|failed to encrypt|failed to list useable keys/,
    ),
    error: (entry) =>
      new LockedError(`cannot encrypt ${quote(entry)}: a recipient's public key is missing, expired or not trusted`, {
        hint: "see `gopass recipients` and `gpg --list-keys`",
      }),
  },
  {
    when: mentions(/no space left on device/),
    error: (entry) => new UnavailableError(`cannot write ${quote(entry)}: the disk is full`),
  },
  {
    when: mentions(/permission denied|read-only file system/),
    error: (entry) => new UnavailableError(`cannot write ${quote(entry)}: the store's directory is not writable`),
  },
];

/** The error for a `gopass show` of an entry that is there. */
export function readFailure(entry: string, run: FailedRun): SecretsError {
  return (
    match(generalFailures, entry, run) ??
    decryptionFailure(subjectOf(entry), { status: parseStatus(run.status), stderr: run.stderr }, hints) ??
    unexplained("show", run)
  );
}

/** The error for a `gopass insert`, `cat` or `rm`. */
export function writeFailure(entry: string, run: FailedRun): SecretsError {
  return match([...generalFailures, ...writeFailures], entry, run) ?? unexplained("write", run);
}

/** The error for a `gopass ls`, which touches no entry. */
export function listFailure(run: FailedRun): SecretsError {
  return match(generalFailures, "", run) ?? unexplained("ls", run);
}

function match(rows: readonly Row<FailedRun>[], entry: string, run: FailedRun): SecretsError | undefined {
  return rows.find(({ when }) => when(run))?.error(entry);
}

function unexplained(command: string, run: FailedRun): UnavailableError {
  const end = run.exitCode === undefined ? "was ended by a signal" : `ended with exit code ${run.exitCode}`;
  return new UnavailableError(`gopass ${end} (${command})`, {
    hint: "run the same gopass command by hand to see its message, which is withheld here because it might hold a value",
  });
}

/**
 * What is wrong with a decryption that ended well as far as gopass can tell, or `undefined`. Gopass also prints a file
 * that was never encrypted, and what is left of a file cut short.
 *
 * @param status - the lines gpg wrote for `--status-fd`
 */
export function decryptionFault(entry: string, status: string): SecretsError | undefined {
  if (status === "") {
    return new UnavailableError(`gpg did not report how the decryption of ${quote(entry)} went`, {
      hint: "only gopass stores encrypted with gpg are read; for an age store use the backend `age`",
    });
  }
  const parsed = parseStatus(status);
  if (parsed.says("DECRYPTION_OKAY") && parsed.says("GOODMDC")) return undefined;
  return decryptionFailure(subjectOf(entry), { status: parsed, stderr: "" }, hints) ?? damaged(subjectOf(entry), hints);
}

function subjectOf(entry: string): DecryptionSubject {
  return { value: quote(entry), file: `the file of ${quote(entry)}` };
}
