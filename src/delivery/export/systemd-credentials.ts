import { InvalidInputError, quote, UnavailableError } from "../../errors.js";
import { runProgram } from "../../process/run-program.js";
import type { ExportEntry } from "./format.js";

/** The keys of `systemd-creds encrypt --with-key=` that protect anything; its null key is none of them. */
export const credentialKeys = ["auto", "host", "tpm2", "host+tpm2"] as const;

/** `CREDENTIAL_SIZE_MAX` of systemd. */
const maximumBytes = 1024 * 1024;
const timeoutMilliseconds = 60_000;

/** Why systemd cannot hold a value as a credential, or `undefined`. It may be any bytes. */
export function credentialFault({ value }: ExportEntry): string | undefined {
  return value.byteLength > maximumBytes ? `is longer than a credential may be (${maximumBytes} bytes)` : undefined;
}

/**
 * A value encrypted by the real `systemd-creds` for this machine, bound to its name. The value goes by standard input.
 *
 * @param withKey - one of {@link credentialKeys}
 * @returns what `LoadCredentialEncrypted=` reads: text, base64
 * @throws UnavailableError when there is no `systemd-creds`, or it has no key
 */
export async function encryptCredential(
  { name, value }: ExportEntry,
  withKey: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array> {
  const { exitCode, stdout, stderr } = await runProgram({
    argv: ["systemd-creds", "encrypt", `--with-key=${withKey}`, `--name=${name}`, "-", "-"],
    environment: ownEnvironment(environment),
    input: value,
    timeoutMilliseconds,
    maximumOutputBytes: 4 * maximumBytes,
  });
  if (exitCode === 0 && stdout.length > 0) return stdout;
  const isForbidden = /permission denied|access denied|operation not permitted/i.test(stderr);
  throw new UnavailableError(`\`systemd-creds\` cannot encrypt ${quote(name)}`, {
    hint: isForbidden
      ? "the key of this machine is for root alone: run this command as root"
      : `try it by itself: \`echo test | systemd-creds encrypt --with-key=${withKey} --name=test - -\``,
  });
}

/** The name of the file of one credential. */
export function credentialFile(name: string): string {
  return `${name}.cred`;
}

/**
 * A drop-in for a unit that decrypts the credentials of a directory into `$CREDENTIALS_DIRECTORY/NAME` (systemd.exec(5)).
 *
 * @param directory - absolute; one that {@link requireUnitPath} accepts
 */
export function credentialsDropIn(names: readonly string[], directory: string): string {
  const path = directory.replaceAll("%", "%%");
  const lines = names.map((name) => `LoadCredentialEncrypted=${name}:${path}/${credentialFile(name)}`);
  return `${["[Service]", ...lines].join("\n")}\n`;
}

/** @throws InvalidInputError for a directory that a unit cannot name without quoting */
export function requireUnitPath(directory: string): void {
  if (/^\/[\w@%+=,./-]*$/.test(directory)) return;
  throw new InvalidInputError(`${quote(directory)} cannot be written in a unit as it is`, {
    hint: "choose a directory of letters, digits and `_ @ % + = , . / -` only",
  });
}

/** `PATH`, and what systemd itself reads, such as the place of the machine's key. */
function ownEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (name === "PATH" || name.startsWith("SYSTEMD_")) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}
