import { CancelledError } from "../errors.js";

/** The signals that ask a process to end, with their numbers (POSIX). */
const endingSignals = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

export type EndingSignal = keyof typeof endingSignals;

/** The names of {@link endingSignals}. */
export const endingSignalNames: readonly EndingSignal[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"];

/** Somebody ended the command: the exit code is that of a program which the signal ended. */
export class InterruptedError extends CancelledError {
  readonly #signal: EndingSignal;

  constructor(message: string, signal: EndingSignal) {
    super(message);
    this.#signal = signal;
  }

  override get exitCode(): number {
    return 128 + endingSignals[this.#signal];
  }
}
