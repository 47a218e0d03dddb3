import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { KeySource, TextSource } from "../domain/key-source.js";
import { ConfigurationError, isSecretsError, LockedError, quote } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { errnoOf, fileError } from "../files/errno.js";
import { isTrackedByGit } from "../files/git-index.js";
import { inspectPrivate } from "../files/private.js";
import { realFile } from "../files/real-file.js";
import { startsAsArmor } from "./armor.js";
import { startsAsAge } from "./header.js";

/** What loading a key may know of its surroundings. */
export interface KeySurroundings {
  /** Relative files are taken from here. */
  readonly baseDirectory: string;
  /** What to say of a key file that is not there: what it opened, and what can be done. */
  readonly missing: (file: string) => LockedError;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Accept a key file that others can read. */
  readonly allowInsecurePermissions: boolean;
  /** Asks a person for a passphrase. @returns `undefined` when nobody can be asked */
  readonly askPassphrase?: ((question: string) => Promise<string | undefined>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The environment variable with the passphrase of an encrypted key file. */
export const passphraseVariable = "MXM_SECRETS_PASSPHRASE";

const maximumKeyBytes = 64 * 1024;

/** What a key source gives. */
export interface KeyText {
  readonly text: string;
  /** What to call the source in messages. */
  readonly name: string;
  /** What the file was encrypted with; `undefined` when it was not, and for what is no file. */
  readonly passphrase: string | undefined;
}

/**
 * The text of a key source, not looked into.
 *
 * @throws LockedError when there is no usable key, each cause in its own words
 * @throws UnavailableError when the file cannot be read or the command cannot be run
 */
export async function loadKeyText(source: KeySource, around: KeySurroundings): Promise<KeyText> {
  if (source.kind !== "file") {
    return { text: await readText(source, around, "the key"), name: nameOf(source), passphrase: undefined };
  }
  const file = resolve(around.baseDirectory, source.file);
  const bytes = readKeyFile(file, around);
  if (!startsAsAge(bytes) && !startsAsArmor(bytes))
    return { text: bytes.toString(), name: file, passphrase: undefined };
  const passphrase = await findPassphrase(source.passphrase, file, around);
  const { decryptIdentityFile } = await import("./identity-file.js");
  return { text: await decryptIdentityFile(bytes, passphrase, file), name: file, passphrase };
}

/**
 * For work that needs no key: it, too, refuses to go on when git tracks the key.
 *
 * @throws ConfigurationError when it does
 */
export function refuseTrackedKey(source: KeySource, baseDirectory: string): void {
  if (source.kind !== "file") return;
  const file = resolve(baseDirectory, source.file);
  if (isTrackedByGit(realFile(file))) throw tracked(file);
}

function readKeyFile(file: string, around: KeySurroundings): Buffer {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer before it can be refused.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw around.missing(file);
    throw fileError("read the key", file, error);
  }
  try {
    const status = fstatSync(descriptor);
    const fault = around.allowInsecurePermissions && status.isFile() ? undefined : inspectPrivate(file, status);
    if (fault !== undefined) throw new LockedError(`the key ${fault.message}`, { hint: fault.hint });
    if (isTrackedByGit(realFile(file))) throw tracked(file);
    const bytes = readBounded(descriptor, maximumKeyBytes, status.size);
    if (bytes === undefined) throw new LockedError(`the key ${quote(file)} is too large to be an identity file`);
    return bytes;
  } catch (error) {
    throw isSecretsError(error) ? error : fileError("read the key", file, error);
  } finally {
    closeSync(descriptor);
  }
}

async function findPassphrase(source: TextSource | undefined, file: string, around: KeySurroundings): Promise<string> {
  if (source !== undefined) return (await readText(source, around, "the passphrase")).replace(/\r?\n$/, "");
  const passphrase =
    around.environment[passphraseVariable] ?? (await around.askPassphrase?.(`passphrase of ${quote(file)}`));
  if (passphrase !== undefined) return passphrase;
  throw new LockedError(`the key ${quote(file)} is protected by a passphrase`, {
    hint: `set ${passphraseVariable}, give \`passphrase:\` beside \`file:\` in the configuration, or run it in a terminal`,
  });
}

async function readText(source: TextSource, around: KeySurroundings, what: string): Promise<string> {
  if (source.kind === "env") {
    const text = around.environment[source.variable];
    if (text !== undefined && text !== "") return text;
    throw new LockedError(
      `${what} is expected in the environment variable ${quote(source.variable)}, which is not set`,
    );
  }
  if (source.kind === "command") {
    const { runForOutput } = await import("./key-command.js");
    return runForOutput(source.argv, around.baseDirectory, around.signal);
  }
  if (source.kind === "keychain") {
    const { readKeyText } = await import("../keychain/key-text.js");
    const { environment, signal } = around;
    return readKeyText(source, { environment, signal, what, maximumBytes: maximumKeyBytes });
  }
  let bytes: Buffer | undefined;
  try {
    bytes = readBounded(source.descriptor, maximumKeyBytes);
  } catch (error) {
    throw new LockedError(`${what} is expected on file descriptor ${source.descriptor}, which cannot be read`, {
      cause: error,
    });
  }
  if (bytes !== undefined) return bytes.toString();
  throw new LockedError(`${what} is expected on file descriptor ${source.descriptor}, which gives too much for one`);
}

function nameOf(source: TextSource): string {
  if (source.kind === "env") return `$${source.variable}`;
  if (source.kind === "keychain") return `keychain ${source.service} ${source.account}`;
  return source.kind === "fd" ? `file descriptor ${source.descriptor}` : (source.argv[0] ?? "");
}

function tracked(file: string): ConfigurationError {
  return new ConfigurationError(`the key ${quote(file)} is tracked by git`, [], {
    hint: "run `git rm --cached` on it, add it to .gitignore, and replace the key: whoever has the repository has it",
  });
}
