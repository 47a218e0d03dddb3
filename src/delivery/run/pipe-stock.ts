import { readdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { makePrivateDirectory } from "../../files/private.js";
import { isPrivateDirectory } from "../../runtime/cache-files.js";
import { makeNamedPipes, openPipe } from "./named-pipes.js";
import type { Pipe } from "./named-pipes.js";

/** One program makes as many at a time. */
const batch = 32;

/**
 * Takes named pipes from those kept ready in the user's cache directory, because starting the program that makes them takes
 * a quick command as long as reading a secret. A pipe is used once: whoever renames its file has it, and removes the file
 * as soon as the pipe is open.
 *
 * @param cache - the user's cache directory
 * @returns as many as asked for, or none when the directory is not this user's alone or cannot be used
 */
export async function takePipes(cache: string, count: number): Promise<readonly Pipe[]> {
  const directory = join(cache, "pipes");
  try {
    const ready = takeFrom(directory, count);
    if (ready.length === count) return ready;
    makePrivateDirectory(directory);
    await makeNamedPipes(Array.from({ length: batch }, (_, index) => join(directory, `${process.pid}-${index}`)));
    return [...ready, ...takeFrom(directory, count - ready.length)];
  } catch {
    return [];
  }
}

function takeFrom(directory: string, count: number): readonly Pipe[] {
  if (!isPrivateDirectory(directory)) return [];
  const pipes: Pipe[] = [];
  for (const name of readdirSync(directory)) {
    if (pipes.length === count) break;
    const pipe = name.includes(".") ? undefined : take(join(directory, name));
    if (pipe !== undefined) pipes.push(pipe);
  }
  return pipes;
}

/** @returns `undefined` when another process was quicker, or the file is no pipe */
function take(file: string): Pipe | undefined {
  const own = `${file}.${process.pid}`;
  try {
    renameSync(file, own);
  } catch {
    return undefined;
  }
  try {
    return openPipe(own);
  } catch {
    return undefined;
  } finally {
    unlinkSync(own);
  }
}
