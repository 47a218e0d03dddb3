import { CancelledError, throwIfCancelled } from "../errors.js";

/** A call that may be given up. */
interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a key once for all calls: a descriptor can be read once, and a person should be asked once. A load that failed, or
 * was given up by another call, says nothing about the next one.
 */
export function loadedOnce<T>(load: (call?: Cancellable) => Promise<T>): (call?: Cancellable) => Promise<T> {
  let once: Promise<T> | undefined;
  const loaded = async (call?: Cancellable): Promise<T> => {
    const isOwn = once === undefined;
    const loading = (once ??= load(call));
    try {
      return await loading;
    } catch (error) {
      if (once === loading) once = undefined;
      if (isOwn || !(error instanceof CancelledError)) throw error;
      throwIfCancelled(call?.signal);
      return loaded(call);
    }
  };
  return loaded;
}
