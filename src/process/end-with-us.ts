const endingSignals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

/** What ends each program that runs now. */
const running = new Set<(signal: NodeJS.Signals) => void>();

let received: NodeJS.Signals | undefined;

/**
 * Sees to it that a program in a process group of its own, which the terminal's Ctrl-C does not reach, does not outlive
 * this process: a signal that would end the process ends the program first, and then the process as it would have. A
 * process that listens for the signal itself decides on its own, and cancels by an `AbortSignal`.
 *
 * @param stop - ends the program
 * @returns what to call when the program has ended
 */
export function endWithUs(stop: (signal: NodeJS.Signals) => void): () => void {
  if (running.size === 0) for (const name of endingSignals) process.on(name, onSignal);
  running.add(stop);
  const ending = received;
  // Not at once: the caller has yet to start the program.
  if (ending !== undefined) queueMicrotask(() => stop(ending));
  return () => {
    running.delete(stop);
    if (running.size > 0) return;
    for (const name of endingSignals) process.off(name, onSignal);
    if (received !== undefined) process.kill(process.pid, received);
  };
}

/**
 * Keeps such a signal from ending this process while a program uses what this process has to remove after it.
 *
 * @returns what to call when that is removed
 */
export function endAfterCleaning(): () => void {
  return endWithUs(() => undefined);
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  received ??= signal;
  for (const stop of running) stop(signal);
}
