// Puts the compiled pieces of the command into its two files.
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { transform } from "esbuild";

const largePiece = 8_000;

function isLarge([, text]) {
  return text.length > largePiece;
}

/**
 * The two files of a command: the loader with the first piece in place, and all other pieces. Small ones share one
 * compressed text.
 *
 * @param options {{ first: Record<string, string>, later: Record<string, string>, hot: string[], lazy: Record<string,
 *   string>, code: string, build: string, target: string }} - of each quick command the code it needs and the code it may
 *   need; the names of all that is in these; the other pieces by name; the first piece
 */
export async function assemble({ first, later, hot, lazy, code, build, target }) {
  const large = Object.entries(lazy).filter(isLarge);
  const small = Object.fromEntries(Object.entries(lazy).filter((entry) => !isLarge(entry)));
  const parts = [build];
  let size = build.length;
  /** @returns where it is: start and length */
  const put = (text) => {
    parts.push(text);
    size += text.length;
    return [size - text.length, text.length];
  };
  const places = mapValues(first, put);
  const index = {
    hot,
    rest: mapValues(later, put),
    small: put(pack(JSON.stringify(small))),
    texts: Object.fromEntries(large.map(([name, text]) => [name, put(pack(text))])),
  };
  const indexPlace = put(JSON.stringify(index));
  const loader = readFileSync(new URL("piece-loader.cjs", import.meta.url), "utf8");
  const found = `const HOT=${JSON.stringify(places)},INDEX=${JSON.stringify(indexPlace)},BUILD=${JSON.stringify(build)};`;
  const start = await transform(`${found}\n${loader}\n${code}(load,bring,undefined,{exports:{}},{});`, {
    minify: true,
    format: "cjs",
    platform: "node",
    target,
    banner: '#!/usr/bin/env node\n"use strict";',
  });
  return { start: start.code, pieces: parts.join("") };
}

export function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

/** One character per byte. */
function pack(text) {
  return deflateRawSync(text, { level: 9 }).toString("latin1");
}
