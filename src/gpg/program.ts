import { UnavailableError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { ProgramCall, ProgramEnd } from "../process/run-program.js";

/** How to run gpg. */
export interface GpgProgram {
  /** A name found on the PATH of the environment, or a file. */
  readonly program: string;
  /** The user's own options, such as those of `PASSWORD_STORE_GPG_OPTS`; they come before ours, which win. */
  readonly options?: readonly string[];
  /** As {@link gpgEnvironment} makes it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One run of gpg, beside how to run it. */
export type GpgCall = Pick<ProgramCall, "input" | "signal"> & {
  /** What to do: a command with its options and operands. Never a value. */
  readonly argv: readonly string[];
  readonly maximumOutputBytes?: number;
  /** How long it may take, two minutes without. */
  readonly timeoutMilliseconds?: number;
  /** Takes the status lines as they come, in any pieces. */
  readonly onStatus?: (chunk: Buffer) => void;
};

/** A person types a passphrase; a smart card asks for a touch. */
const usualMilliseconds = 120_000;
const usualOutputBytes = 16 * 1024 * 1024;

/**
 * Runs gpg, which asks nobody itself, and reports on descriptor 3 (GnuPG's doc/DETAILS, `--status-fd`). Its agent may
 * ask for the passphrase of a key, on the user's terminal or display. Nothing is fetched from the network.
 *
 * @throws UnavailableError `not_installed` when there is no gpg; `unreachable` when it cannot be run or takes too long
 * @throws CancelledError
 */
export async function runGpg(gpg: GpgProgram, call: GpgCall): Promise<ProgramEnd> {
  try {
    return await runProgram({
      argv: [
        gpg.program,
        ...(gpg.options ?? []),
        "--batch",
        "--no-tty",
        "--no-auto-key-locate",
        "--no-auto-key-retrieve",
        "--status-fd",
        "3",
        ...call.argv,
      ],
      environment: gpg.environment,
      input: call.input,
      channel: true,
      ...(call.onStatus === undefined ? {} : { onChannel: call.onStatus }),
      signal: call.signal,
      timeoutMilliseconds: call.timeoutMilliseconds ?? usualMilliseconds,
      maximumOutputBytes: call.maximumOutputBytes ?? usualOutputBytes,
    });
  } catch (error) {
    if (!(error instanceof UnavailableError) || error.reason !== "not_installed") throw error;
    throw new UnavailableError(error.message, {
      reason: "not_installed",
      hint: "install the package `gnupg` of your operating system",
      cause: error.cause,
    });
  }
}
