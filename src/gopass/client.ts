import { LockedError, quote, UnavailableError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { ProgramEnd } from "../process/run-program.js";
import { valueOfBody } from "../password-store/body.js";
import { decryptionFault, listFailure, readFailure, writeFailure } from "./failures.js";
import { writtenForm } from "./written-form.js";

/** How to run gopass. */
export interface GopassProgram {
  /** A name found on PATH, or a file. */
  readonly program: string;
  /** As {@link gopassEnvironment} makes it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What gopass says of itself. `other` is the whole first line when it is another program. */
export type GopassVersion =
  | { readonly kind: "gopass"; readonly version: string }
  | { readonly kind: "other"; readonly text: string };

interface Run {
  readonly input?: Uint8Array;
  readonly signal: AbortSignal | undefined;
  readonly maximumOutputBytes?: number;
}

/** gpg gets a minute from gopass; a push takes its own time. */
const timeoutMilliseconds = 120_000;
const maximumListBytes = 64 * 1024 * 1024;
const maximumShownBytes = 48 * 1024 * 1024;
const installHint =
  "install gopass from www.gopass.pw (1.16 is tested); Debian's and Ubuntu's older package `gopass` 1.5 is another program of that name";

/**
 * Every entry, folders left out. The only question gopass answers by exit code, so it is asked before any other.
 *
 * @throws UnavailableError `not_installed` also when the program is Debian's unrelated gopass
 */
export async function listEntries(gopass: GopassProgram, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const end = await run(gopass, ["ls", "--flat"], { signal, maximumOutputBytes: maximumListBytes });
  if (end.exitCode === 0) return end.stdout.toString("utf8").split("\n").filter(Boolean);
  if (/flag provided but not defined/.test(end.stderr)) await requireRightProgram(gopass, signal);
  throw listFailure(failed(end));
}

/**
 * The value of an entry that {@link listEntries} listed.
 *
 * @returns `undefined` when it has been removed since
 * @throws LockedError, IntegrityError, UnavailableError
 */
export async function showEntry(
  gopass: GopassProgram,
  entry: string,
  call: { readonly signal: AbortSignal | undefined; readonly trace?: ((line: string) => void) | undefined },
): Promise<Uint8Array | undefined> {
  const end = await run(gopass, ["show", "--noparsing", "--nosync", "--", entry], {
    signal: call.signal,
    maximumOutputBytes: maximumShownBytes,
  });
  if (end.exitCode !== 0) {
    if (end.channel === "" && end.stderr.includes("entry is not in the password store")) return undefined;
    throw readFailure(entry, failed(end));
  }
  const fault = decryptionFault(entry, end.channel);
  if (fault !== undefined) throw fault;
  const dropped = plaintextLength(end.channel) - end.stdout.length;
  if (dropped > 0) {
    call.trace?.(`gopass left out ${dropped} bytes of ${quote(entry)} (carriage returns, or an old header)`);
  }
  return valueOfBody(end.stdout);
}

/** Stores or replaces an entry; its value goes in by standard input. */
export async function storeEntry(
  gopass: GopassProgram,
  entry: string,
  value: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { command, input } = writtenForm(value);
  const argv = command === "insert" ? ["insert", "-f", "--", entry] : ["cat", "--", entry];
  const end = await run(gopass, argv, { input, signal });
  if (end.exitCode !== 0) throw writeFailure(entry, failed(end));
  requirePushed(entry, end);
  if (end.stdout.includes("Not using invalid key")) {
    throw new LockedError(`${quote(entry)} was stored without one of the folder's recipients`, {
      hint: "a recipient's key is expired or not trusted: see `gopass recipients` and `gpg --list-keys`, then store it again",
    });
  }
}

/** Removes an entry that {@link listEntries} listed. @returns `false` when it was removed meanwhile */
export async function removeEntry(
  gopass: GopassProgram,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const end = await run(gopass, ["rm", "-f", "--", entry], { signal });
  if (end.exitCode === 10) return false;
  if (end.exitCode !== 0) throw writeFailure(entry, failed(end));
  requirePushed(entry, end);
  return true;
}

/** Every setting gopass works with, as `gopass config` prints them; a directory `~/…` is given in full. */
export async function readSettings(
  gopass: GopassProgram,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const end = await run(gopass, ["config"], { signal });
  if (end.exitCode !== 0) throw listFailure(failed(end));
  const home = gopass.environment["GOPASS_HOMEDIR"] ?? gopass.environment["HOME"] ?? "~";
  const settings = new Map<string, string>();
  for (const line of end.stdout.toString("utf8").split("\n")) {
    const at = line.indexOf(" = ");
    if (at >= 0)
      settings.set(
        line.slice(0, at).trim(),
        line.slice(at + 3).replace(/^~(?=\/|$)/, () => home),
      );
  }
  return settings;
}

/** Which program it is. @throws UnavailableError when it cannot be run */
export async function askVersion(gopass: GopassProgram, signal: AbortSignal | undefined): Promise<GopassVersion> {
  const end = await run(gopass, ["--version"], { signal });
  const version = /^gopass (\d+\.\d+\.\d+\S*)/.exec(end.stdout.toString("utf8"))?.[1];
  if (version !== undefined) return { kind: "gopass", version };
  // Debian's knows the word, not the flag.
  const other = await run(gopass, ["version"], { signal });
  return { kind: "other", text: other.stdout.toString("utf8").split("\n", 1)[0]?.slice(0, 80) ?? "" };
}

/** @throws UnavailableError `not_installed` when the program is not gopass, naming Debian's when it is that one */
export async function requireRightProgram(gopass: GopassProgram, signal: AbortSignal | undefined): Promise<string> {
  const answer = await askVersion(gopass, signal);
  if (answer.kind === "gopass") return answer.version;
  const isDebian = /^gopass v1\.\d+\.\d+$/.test(answer.text);
  throw new UnavailableError(
    isDebian
      ? `${quote(gopass.program)} is Debian's unrelated program of that name (${answer.text}), not the gopass of www.gopass.pw`
      : `${quote(gopass.program)} is not the gopass of www.gopass.pw`,
    { reason: "not_installed", hint: installHint },
  );
}

async function run(gopass: GopassProgram, argv: readonly string[], options: Run): Promise<ProgramEnd> {
  try {
    return await runProgram({
      argv: [gopass.program, ...argv],
      environment: gopass.environment,
      input: options.input,
      // Every run that makes gopass start gpg must have it, or gpg refuses to start.
      channel: true,
      signal: options.signal,
      timeoutMilliseconds,
      maximumOutputBytes: options.maximumOutputBytes ?? 1024 * 1024,
    });
  } catch (error) {
    if (!(error instanceof UnavailableError) || error.reason !== "not_installed") throw error;
    throw new UnavailableError(error.message, { reason: "not_installed", hint: installHint, cause: error.cause });
  }
}

function failed(end: ProgramEnd): { exitCode: number | undefined; stderr: string; status: string } {
  return { exitCode: end.exitCode, stderr: end.stderr, status: end.channel };
}

/** Gopass ends with 0 when a push fails. */
function requirePushed(entry: string, end: ProgramEnd): void {
  if (!/failed to push/.test(end.stderr)) return;
  throw new UnavailableError(`${quote(entry)} was changed in this checkout, but not pushed to the store's git remote`, {
    hint: "run `gopass sync`, and see what git says",
  });
}

function plaintextLength(status: string): number {
  return Number(/^\[GNUPG:\] PLAINTEXT_LENGTH (\d+)$/m.exec(status)?.[1] ?? 0);
}
