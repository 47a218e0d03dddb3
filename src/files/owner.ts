import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

/** Who holds a lock: enough to tell, later and from another process, whether that holder still runs. */
export interface Owner {
  /** Random, new for each acquisition. */
  readonly nonce: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, where the system tells; it sets a reused pid apart. */
  readonly start?: string;
  /** Host name, boot and pid namespace: processes that share it can see each other's pids. */
  readonly host: string;
}

let here: { readonly start: string | undefined; readonly host: string } | undefined;

/** A new record for this process. */
export async function newOwner(): Promise<Owner> {
  here ??= { start: processState(process.pid)?.start, host: await hostIdentity() };
  return {
    nonce: randomBytes(12).toString("hex"),
    pid: process.pid,
    ...(here.start === undefined ? {} : { start: here.start }),
    host: here.host,
  };
}

/**
 * Whether a holder is known to be gone. `false` whenever there is any doubt: another host, another pid namespace, a
 * process whose state cannot be read.
 *
 * @param us - a record of this process
 */
export function isDead(holder: Owner, us: Owner): boolean {
  if (holder.host !== us.host) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
  const state = processState(holder.pid);
  if (state === undefined) return false;
  return state.ended || (holder.start !== undefined && holder.start !== state.start);
}

/** @returns `undefined` when the text is not a complete owner record */
export function parseOwner(text: string): Owner | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(data)) return undefined;
  const { nonce, pid, start, host } = data;
  if (typeof nonce !== "string" || !/^[0-9a-f]{24}$/.test(nonce) || typeof host !== "string") return undefined;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  return {
    nonce,
    pid,
    host,
    ...(typeof start === "string" ? { start } : {}),
  };
}

/** Field 22 and the state letter of `/proc/PID/stat` (proc(5)); the name before them may hold spaces and brackets. */
function processState(pid: number): { readonly start: string | undefined; readonly ended: boolean } | undefined {
  if (process.platform !== "linux") return undefined;
  const text = readSmall(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { start: fields[19], ended: fields[0] === "Z" || fields[0] === "X" };
}

async function hostIdentity(): Promise<string> {
  const { hostname } = await import("node:os");
  const boot = readSmall("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Systems without pid namespaces: the host name and boot are all there is.
  }
  return [hostname(), boot, namespace].join(" ").trim();
}

function readSmall(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}

function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null;
}
