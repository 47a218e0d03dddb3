import { errnoOf } from "../../files/errno.js";

/**
 * Sends a signal to a process, or with a negative pid to a process group.
 *
 * @returns `false` when it has ended, or has changed its user as `sudo` does: then it is not ours to signal
 */
export function sendSignal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ESRCH" || errno === "EPERM") return false;
    throw error;
  }
}
