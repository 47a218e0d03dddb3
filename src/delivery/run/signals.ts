import { isInForeground } from "../foreground.js";
import { sendSignal } from "./send-signal.js";

const toTheGroup = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;
/** In the foreground the terminal has sent these to our whole group already, when a key was the cause. */
const fromKeyboard = ["SIGINT", "SIGQUIT"] as const;

/** What signals go to. */
export interface SignalTarget {
  readonly pid: number;
  /** It leads a process group of its own. Otherwise it is in ours, and so are its neighbours in a pipeline. */
  readonly ownGroup: boolean;
}

/** Signals that are kept from ending this process and belong to its child. */
export interface CaughtSignals {
  /** Passes on what was caught until now, and from now on. */
  readonly forwardTo: (target: SignalTarget) => void;
  readonly stop: () => void;
}

/**
 * Catches the signals that a child is to get, from before there is a child, so that none is lost. The kernel gives a
 * process with pid 1 no signal that it does not listen for; with these it may be one.
 */
export function catchSignals(): CaughtSignals {
  const early: NodeJS.Signals[] = [];
  let target: SignalTarget | undefined;
  const forward = (signal: NodeJS.Signals): void => {
    if (target === undefined) early.push(signal);
    else sendTo(target, signal);
  };
  const forwardUnlessTyped = (signal: NodeJS.Signals): void => {
    if (target?.ownGroup === true || !isInForeground()) forward(signal);
  };
  for (const signal of toTheGroup) process.on(signal, forward);
  for (const signal of fromKeyboard) process.on(signal, forwardUnlessTyped);
  return {
    forwardTo: (started) => {
      target = started;
      for (const signal of early) sendTo(started, signal);
    },
    stop: () => {
      for (const signal of toTheGroup) process.off(signal, forward);
      for (const signal of fromKeyboard) process.off(signal, forwardUnlessTyped);
    },
  };
}

/** Sends to the group where the child has one, else to the child and to all it has started in our group. */
function sendTo({ pid, ownGroup }: SignalTarget, signal: NodeJS.Signals): void {
  if (ownGroup) {
    sendSignal(-pid, signal);
    return;
  }
  void import("./descendants.js").then(({ descendantsInOurGroup }) => {
    for (const one of [pid, ...descendantsInOurGroup(pid)]) sendSignal(one, signal);
  });
}
