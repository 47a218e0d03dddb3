import { readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rotate } from "../support/volume.js";

/** Replaces a volume every few milliseconds until it is killed: all values of a generation are its number. */
const [, , volume = ""] = process.argv;
const pause = new Int32Array(new SharedArrayBuffer(4));
for (let generation = 1; ; generation++) {
  const old = readlinkSync(join(volume, "..data"));
  const value = String(generation);
  // Of no name that the test itself made: kubelet never writes into a generation that is there.
  rotate(volume, { a: value, b: value, c: value }, { generation: `..2026_11_29_13_00_00.${value}` });
  rmSync(join(volume, old), { recursive: true });
  Atomics.wait(pause, 0, 0, 2);
}
