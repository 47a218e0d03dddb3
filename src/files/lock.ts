import * as fs from "node:fs";
import * as path from "node:path";
import { quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { errnoOf, fileError } from "./errno.js";
import { isDead, newOwner, parseOwner } from "./owner.js";
import type { Owner } from "./owner.js";
import { shellWord } from "./private.js";
import { Patience } from "./patience.js";

/** The last holder of each lock in this process: waiting for it needs no polling. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while holding the exclusive lock `FILE.lock` beside a file. The lock is a small file naming its holder,
 * made by `link`, so it is there whole or not at all. A holder that was killed is recognised by its pid and start time
 * and replaced at once; one on another host is waited for. Not re-entrant.
 *
 * @param options.timeoutMilliseconds - how long to wait for another holder, 30 s by default
 * @returns what `work` returns
 * @throws UnavailableError when the lock cannot be had in time, naming its holder; CancelledError when the signal fires
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T> | T,
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMilliseconds?: number | undefined } = {},
): Promise<T> {
  const lock = `${path.resolve(file)}.lock`;
  const patience = new Patience(options.timeoutMilliseconds ?? 30_000, options.signal);
  const leaveQueue = await enterQueue(lock, patience);
  try {
    const owner = await acquire(lock, patience);
    try {
      return await work();
    } finally {
      release(lock, owner);
    }
  } finally {
    leaveQueue();
  }
}

async function enterQueue(lock: string, patience: Patience): Promise<() => void> {
  throwIfCancelled(patience.signal);
  const before = queues.get(lock);
  let leave: (() => void) | undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const turn = before === undefined ? left : before.then(async () => await left);
  queues.set(lock, turn);
  const leaveQueue = (): void => {
    leave?.();
    if (queues.get(lock) === turn) queues.delete(lock);
  };
  if (before === undefined) return leaveQueue;
  try {
    if (await patience.outlasts(before)) return leaveQueue;
  } catch (error) {
    leaveQueue();
    throw error;
  }
  leaveQueue();
  throw new UnavailableError(`cannot lock ${quote(lock)}: this process holds it for too long`);
}

async function acquire(lock: string, patience: Patience): Promise<Owner> {
  const owner = await newOwner();
  for (;;) {
    throwIfCancelled(patience.signal);
    if (create(lock, owner)) return owner;
    const holder = readHolder(lock);
    if (holder === undefined) continue;
    if (isDead(holder, owner)) {
      if (await takeOver(lock, holder, owner, patience)) return owner;
    } else if (!(await patience.sleep())) {
      throw new UnavailableError(`cannot lock ${quote(lock)}: held by process ${holder.pid} on ${hostName(holder)}`, {
        hint: `wait for that process to end; if it is gone, run \`rm ${shellWord(lock)}\``,
      });
    }
  }
}

/**
 * Replaces a dead holder. Of all that try, one at a time holds the guard named after the dead holder's nonce, and only
 * the first still finds that nonce in the lock: the guard is removed after the lock was replaced, never before.
 */
async function takeOver(lock: string, dead: Owner, owner: Owner, patience: Patience): Promise<boolean> {
  const guard = `${lock}.${dead.nonce}`;
  const guardOwner = await acquire(guard, patience);
  try {
    if (readHolder(lock)?.nonce !== dead.nonce) return false;
    const temporary = temporaryOf(lock, owner);
    try {
      fs.writeFileSync(temporary, JSON.stringify({ ...owner, guard }), { flag: "wx", mode: 0o600 });
      fs.renameSync(temporary, lock);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw fileError("lock", lock, error);
    }
    try {
      removeLeftovers(lock, dead, owner);
    } catch {
      // The lock is ours already; litter that cannot be removed, or just was, must not cost us the work.
    }
    return true;
  } finally {
    release(guard, guardOwner);
  }
}

/** Links a complete record to the lock's name. @returns `false` when somebody holds the lock */
function create(lock: string, owner: Owner): boolean {
  const temporary = temporaryOf(lock, owner);
  try {
    fs.writeFileSync(temporary, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
    fs.linkSync(temporary, lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw fileError("lock", lock, error, "the lock file must be made in the directory of the file it protects");
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function release(lock: string, owner: Owner): void {
  // Somebody may have removed the lock by hand, and a third process taken it since.
  if (readHolder(lock)?.nonce === owner.nonce) fs.rmSync(lock, { force: true });
}

/** @returns `undefined` when nobody holds the lock any more */
function readHolder(lock: string): Owner | undefined {
  let text: string;
  try {
    text = fs.readFileSync(lock, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError("read the lock", lock, error);
  }
  const holder = parseOwner(text);
  if (holder !== undefined) return holder;
  throw new UnavailableError(`cannot lock: ${quote(lock)} was not written by this program`, {
    hint: `if nothing uses it, run \`rm ${shellWord(lock)}\``,
  });
}

/** What processes killed between two steps left: the guard of an earlier take-over, and unlinked records. */
function removeLeftovers(lock: string, dead: Owner, us: Owner): void {
  const directory = path.dirname(lock);
  const prefix = `${path.basename(lock)}.`;
  if (dead.guard !== undefined && path.basename(dead.guard).startsWith(prefix)) {
    fs.rmSync(path.join(directory, path.basename(dead.guard)), { force: true });
  }
  for (const name of fs.readdirSync(directory)) {
    if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
    const file = path.join(directory, name);
    const owner = parseOwner(fs.readFileSync(file, "utf8"));
    if (owner !== undefined && isDead(owner, us)) fs.rmSync(file, { force: true });
  }
}

function temporaryOf(lock: string, owner: Owner): string {
  return `${lock}.${owner.nonce}.tmp`;
}

function hostName(owner: Owner): string {
  return quote(owner.host.split(" ")[0] ?? "");
}
