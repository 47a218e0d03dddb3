import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Pipe } from "../../../src/delivery/run/named-pipes.js";
import { makePipes } from "../../../src/delivery/run/pipe.js";
import { takePipes } from "../../../src/delivery/run/pipe-stock.js";
import { useScratch } from "../../support/scratch.js";

const scratch = useScratch();

/** What comes out of a pipe when a text was put into it and both ends are closed. */
async function through(pipe: Pipe, text: string): Promise<string> {
  writeSync(pipe.descriptor, text);
  const chunks: Uint8Array[] = [];
  const source = pipe.read();
  source.start((chunk) => chunks.push(chunk));
  await source.closed;
  return Buffer.concat(chunks).toString();
}

test("pipes are made many at a time, each is used once, and each carries its own", async () => {
  const cache = scratch();
  const first = await takePipes(cache, 2);
  const left = readdirSync(join(cache, "pipes"));
  const second = await takePipes(cache, 2);
  expect([first.length, second.length, left.length - readdirSync(join(cache, "pipes")).length]).toEqual([2, 2, 2]);
  const texts = ["one", "two", "three", "four"];
  const carried = await Promise.all([...first, ...second].map((pipe, index) => through(pipe, texts[index] ?? "")));
  expect(carried).toEqual(texts);
});

test("no pipe is taken twice at the same time", async () => {
  const cache = scratch();
  await takePipes(cache, 0);
  const taken = (await Promise.all(Array.from({ length: 12 }, () => takePipes(cache, 2)))).flat();
  expect(taken.length).toBe(24);
  const carried = await Promise.all(taken.map((pipe, index) => through(pipe, String(index))));
  expect(carried).toEqual(taken.map((_, index) => String(index)));
});

test("what is no pipe of this user's own is not written to", async () => {
  const cache = scratch();
  const directory = join(cache, "pipes");
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, "file"), "");
  const [pipe] = await takePipes(cache, 1);
  expect(pipe === undefined ? undefined : await through(pipe, "text")).toBe("text");
  chmodSync(directory, 0o777);
  expect(await takePipes(cache, 1)).toEqual([]);
  expect(await makePipes(1, cache)).toHaveLength(1);
});

test("reading that is stopped ends although the other end is open", async () => {
  const [pipe] = await makePipes(1, undefined);
  const source = pipe?.read();
  const kept: Uint8Array[] = [];
  source?.start((chunk) => kept.push(chunk));
  source?.stop();
  expect([await source?.closed, kept]).toEqual([true, []]);
});

test("a paused pipe is read on when it is resumed", async () => {
  const [pipe] = await makePipes(1, undefined);
  if (pipe === undefined) throw new Error("no pipe");
  writeSync(pipe.descriptor, "text");
  const source = pipe.read();
  const chunks: Uint8Array[] = [];
  source.pause();
  source.start((chunk) => chunks.push(chunk));
  await new Promise((resolve) => setImmediate(resolve));
  expect(chunks).toEqual([]);
  source.resume();
  await source.closed;
  expect(Buffer.concat(chunks).toString()).toBe("text");
});

test("stopping a pipe that is at its end writes to nothing that has got its descriptor since", async () => {
  const [pipe] = await makePipes(1, undefined);
  if (pipe === undefined) throw new Error("no pipe");
  const source = pipe.read();
  source.start(() => undefined);
  await source.closed;
  const file = join(scratch(), "file");
  const descriptors = Array.from({ length: 8 }, () => openSync(file, "a"));
  source.stop();
  expect(readFileSync(file, "utf8")).toBe("");
  descriptors.forEach(closeSync);
});
