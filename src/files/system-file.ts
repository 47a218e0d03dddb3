/**
 * Whether a path without links lies where the system shows its own state as files, a process's variables and open
 * descriptors among them. `/dev/shm` is an ordinary place.
 */
export function isSystemFile(real: string): boolean {
  return /^\/(?:proc|sys|dev)(?:\/|$)/.test(real) && !real.startsWith("/dev/shm/");
}
