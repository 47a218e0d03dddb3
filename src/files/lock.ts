import { readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve as pathResolve } from "node:path";
import { quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { errnoOf, fileError } from "./errno.js";
import { isDead, newOwner, parseOwner } from "./owner.js";
import type { Owner } from "./owner.js";
import { shellWord } from "./private.js";
import { Patience } from "./patience.js";

/** How the names of guards end, and of the records that replace a lock. */
const leftover = /(?:\.[0-9a-f]{24})+(?:\.tmp)?$/;

/** The last holder of each lock in this process: waiting for it needs no polling. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while holding the exclusive lock `FILE.lock` beside a file. The lock is a symbolic link whose target names
 * its holder: it is made in one step, whole or not at all, and a killed process leaves no temporary file. A holder that was killed is recognised by its pid and start time
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
  const lock = `${pathResolve(file)}.lock`;
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
    const temporary = `${guard}.tmp`;
    try {
      rmSync(temporary, { force: true });
      symlinkSync(JSON.stringify(owner), temporary);
      renameSync(temporary, lock);
    } catch (error) {
      throw fileError("lock", lock, error);
    }
    removeLeftovers(lock, guard, owner);
    return true;
  } finally {
    release(guard, guardOwner);
  }
}

/** @returns `false` when somebody holds the lock */
function create(lock: string, owner: Owner): boolean {
  try {
    symlinkSync(JSON.stringify(owner), lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw fileError("lock", lock, error, "the lock must be made in the directory of the file it protects");
  }
}

function release(lock: string, owner: Owner): void {
  // Somebody may have removed the lock by hand, and a third process taken it since.
  if (readHolder(lock)?.nonce === owner.nonce) rmSync(lock, { force: true });
}

/** @returns `undefined` when nobody holds the lock any more */
function readHolder(lock: string): Owner | undefined {
  let text: string;
  try {
    text = readlinkSync(lock);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    if (errnoOf(error) !== "EINVAL") throw fileError("read the lock", lock, error);
    text = "";
  }
  const holder = parseOwner(text);
  if (holder !== undefined) return holder;
  throw new UnavailableError(`cannot lock: ${quote(lock)} was not made by this program`, {
    hint: `if nothing uses it, run \`rm ${shellWord(lock)}\``,
  });
}

/**
 * Removes what processes killed while taking over left. The lock's nonce is ours now and no older one ever comes back,
 * so every guard named after an older one has lost its meaning.
 */
function removeLeftovers(lock: string, ourGuard: string, us: Owner): void {
  const directory = dirname(lock);
  const prefix = `${basename(lock)}.`;
  try {
    for (const name of readdirSync(directory)) {
      const file = join(directory, name);
      if (!name.startsWith(prefix) || !leftover.test(name) || file === ourGuard) continue;
      const holder = readHolder(file);
      if (holder !== undefined && isDead(holder, us)) rmSync(file, { force: true });
    }
  } catch {
    // The lock is ours already: litter that cannot be removed, or just was, must not cost us the work.
  }
}

function hostName(owner: Owner): string {
  return quote(owner.host.split(" ")[0] ?? "");
}
