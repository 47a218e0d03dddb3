import { makePassingPipes } from "./named-pipes.js";
import type { Pipe } from "./named-pipes.js";
import { takePipes } from "./pipe-stock.js";

/**
 * Makes pipes. Those that Node makes for its children are sockets, which a program cannot open again as `/dev/stdout` or
 * `/dev/stderr`, where many write their log. These are named pipes.
 *
 * @param cache - the user's cache directory, when there is one to be used
 * @returns as many as asked for; none where there is no mkfifo(1) or no place for them
 */
export async function makePipes(count: number, cache: string | undefined): Promise<readonly Pipe[]> {
  if (count === 0) return [];
  const ready = cache === undefined ? [] : await takePipes(cache, count);
  if (ready.length === count) return ready;
  const pipes = [...ready, ...(await makePassingPipes(count - ready.length))];
  return pipes.length === count ? pipes : [];
}
