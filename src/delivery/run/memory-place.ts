import { statfsSync, statSync } from "node:fs";
import { UnavailableError } from "../../errors.js";

/** `f_type` of statfs(2) for file systems that live in memory: tmpfs and ramfs. */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

const sticky = 0o1000;

/** Directories that may be in memory, the best first. */
export function memoryCandidates(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const runtime = environment["XDG_RUNTIME_DIR"];
  return ["/dev/shm", ...(runtime?.startsWith("/") === true ? [runtime] : [])];
}

/**
 * A directory on a file system in memory, where nobody else can replace what this user makes.
 *
 * @throws UnavailableError when there is none
 */
export function memoryPlace(candidates: readonly string[]): string {
  const found = candidates.find(isInMemory);
  if (found !== undefined) return found;
  throw new UnavailableError("there is no file system in memory here for the files of `--as-file`", {
    hint: `they are never written to a disk; one of ${candidates.join(" and ")} must be a tmpfs this user can write to`,
  });
}

function isInMemory(directory: string): boolean {
  try {
    const { uid, mode } = statSync(directory);
    const ours = uid === process.geteuid?.() || uid === 0;
    const kept = (mode & 0o022) === 0 || (mode & sticky) !== 0;
    return ours && kept && memoryFileSystems.has(statfsSync(directory).type);
  } catch {
    return false;
  }
}
