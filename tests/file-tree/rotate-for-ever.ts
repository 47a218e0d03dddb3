import { readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rotate } from "../support/volume.js";

/** Replaces a volume every few milliseconds until it is killed: all values of a generation are its number. */
const [, , volume = ""] = process.argv;
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let generation = 1; ; generation++) {
  const old = readlinkSync(join(volume, "..data"));
  rotate(volume, { a: String(generation), b: String(generation), c: String(generation) });
  rmSync(join(volume, old), { recursive: true });
  Atomics.wait(pause, 0, 0, 2);
}
