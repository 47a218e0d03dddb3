// Makes the command two files: a small one that Node runs, and beside it the parts, compiled when they are first needed.
//
// Node reads the whole of the file it runs into memory, and V8 looks at every function of it before it runs the first, so
// a file with everything in it would make `get` pay for `keys`, YAML and post-quantum cryptography. esbuild splits the program
// at its dynamic imports; the pieces that a quick command always needs become one, a "hot" one, each of the others stays
// one, and all are kept in the second file (the hot ones as they are, the others compressed), from which a loader of a few
// lines reads and compiles them on demand. Shared code is loaded once, so classes keep their identity.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build as esbuild, transform } from "esbuild";

const largePiece = 8_000;
const buildPlaceholder = "@mxm-secrets-build";

/** What the quick commands need: those that read only the configuration, those that read a sealed store, or any other. */
export const hotPieces = [
  ["main", "commands/list", "commands/completion"],
  ["commands/get", "../backends/sealed"],
  ["../backends/registry"],
  ["declarations/delivery", "commands/run"],
].map((group) => group.map((name) => join("src/cli", `${name}.ts`)));

const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  minify: true,
  write: false,
  metafile: true,
  logLevel: "warning",
};

/**
 * @param {{ entry: string, outfile: string, version: string, together: string[][] }} options - `together`: groups of
 *   source files; each group, with all it imports that no group before it has, is compiled as one hot piece
 */
export async function bundleCommand({ entry, outfile, version, together }) {
  const { outputFiles, metafile } = await esbuild({
    ...common,
    entryPoints: [entry],
    outdir: "out",
    splitting: true,
    format: "esm",
    // A CommonJS package behind a dynamic import would lose its names across pieces; this is the same code as ESM.
    alias: { yaml: new URL("../node_modules/yaml/browser/dist/index.js", import.meta.url).pathname },
    define: {
      "process.env.MXM_SECRETS_VERSION": JSON.stringify(version),
      "process.env.MXM_SECRETS_BUILD": JSON.stringify(buildPlaceholder),
    },
  });
  const build = hashOf(outputFiles.map(({ text }) => text).join("\n"));
  const texts = new Map(
    outputFiles.map(({ path, text }) => [basename(path), text.replaceAll(buildPlaceholder, build)]),
  );
  const graph = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const pieceOf = (source) => {
    const found = [...graph].find(([, { entryPoint }]) => entryPoint === source)?.[0];
    if (found === undefined) throw new Error(`${source} is no piece of its own: nothing imports it dynamically`);
    return found;
  };
  const start = pieceOf(entry);
  const places = {};
  const hot = [];
  for (const group of together) {
    const names = closure(group.map(pieceOf), graph).filter((name) => places[name] === undefined);
    names.forEach((name, index) => (places[name] = [hot.length, index]));
    hot.push(await compile(hotSource(names, graph), texts, new Set(names)));
  }
  const lazy = {};
  for (const name of texts.keys()) {
    if (name !== start && places[name] === undefined) {
      lazy[name] = await compile(`export * from "./${name}"`, texts, new Set([name]));
    }
  }
  // The first piece has its own copy of what it imports: helpers of the bundler, which keep nothing.
  const code = await compile(`export * from "./${start}"`, texts, new Set(closure([start], graph)));
  const command = await assemble({ hot, places, lazy, code, build });
  writeFileSync(piecesOf(outfile), command.pieces);
  writeFileSync(outfile, command.start, { mode: 0o755 });
}

/** The file with the parts of a command, beside it. */
export function piecesOf(outfile) {
  return outfile.replace(/\.cjs$/, ".pieces");
}

/** The pieces and everything they import statically. */
function closure(names, graph) {
  const reached = new Set();
  const visit = (name) => {
    if (reached.has(name) || !graph.has(name)) return;
    reached.add(name);
    for (const { path, kind } of graph.get(name).imports) if (kind === "import-statement") visit(basename(path));
  };
  for (const name of names) visit(name);
  return [...reached];
}

/**
 * One module that makes, under a name of its own, what each of the pieces exports. Most are never asked for, and an object
 * of getters for each would be made whenever the module starts. No source file changes what it exports.
 */
function hotSource(names, graph) {
  return names
    .map((name, index) => {
      const exported = graph.get(name).exports.map((each, at) => ({ each, local: `p${index}_${at}` }));
      const imported = exported.map(({ each, local }) => `${each} as ${local}`).join();
      const object = exported.map(({ each, local }) => `${each}: ${local}`).join();
      return `import {${imported}} from "./${name}";\nexport const p${index} = () => ({${object}});`;
    })
    .join("\n");
}

/** Pieces joined to CommonJS text; what is not `inside` is required when it runs. */
async function compile(contents, texts, inside) {
  const resolve = {
    name: "pieces",
    setup(context) {
      // A dynamic import goes through the loader even within a piece: the parts of the piece then share one scope.
      context.onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path, kind }) =>
        inside.has(basename(path)) && kind !== "dynamic-import"
          ? { path: basename(path), namespace: "piece" }
          : { path, external: true },
      );
      context.onLoad({ filter: /.*/, namespace: "piece" }, ({ path }) => ({ contents: texts.get(path), loader: "js" }));
    },
  };
  const { outputFiles } = await esbuild({
    ...common,
    stdin: { contents, loader: "js" },
    format: "cjs",
    plugins: [resolve],
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "require.file" },
  });
  return `(function(require,module,exports){${ascii(outputFiles[0].text)}})`;
}

/** Code with the characters of expressions escaped as those of strings are: others would be read at twice the size. */
function ascii(code) {
  return code.replace(/[^\p{ASCII}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => unicodeEscape(character.charCodeAt(index))).join(""),
  );
}

function unicodeEscape(unit) {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

function isLarge([, text]) {
  return text.length > largePiece;
}

/** The loader with the first piece in place, and the other pieces. Small ones share one compressed text. */
async function assemble({ hot, places, lazy, code, build }) {
  const large = Object.entries(lazy).filter(isLarge);
  const small = Object.fromEntries(Object.entries(lazy).filter((entry) => !isLarge(entry)));
  const packed = Object.fromEntries(large.map(([name, text]) => [name, pack(text)]));
  const loader = await transform(readFileSync(new URL("piece-loader.cjs", import.meta.url), "utf8"), {
    minifySyntax: true,
    minifyWhitespace: true,
    platform: "node",
    target: common.target,
  });
  const data = { ...hot, small: pack(JSON.stringify(small)), ...packed };
  let pieces = Buffer.from(build);
  const texts = {};
  for (const [name, text] of Object.entries(data)) {
    texts[name] = [pieces.length, text.length];
    pieces = Buffer.concat([pieces, Buffer.from(text, "latin1")]);
  }
  const start = `#!/usr/bin/env node
"use strict";
const TEXTS=${JSON.stringify(texts)},
PLACES=${JSON.stringify(places)},BUILD=${JSON.stringify(build)};
${loader.code}${code}(load,{exports:{}},{});
`;
  return { start, pieces };
}

function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** One character per byte. */
function pack(text) {
  return deflateRawSync(text, { level: 9 }).toString("latin1");
}
