// Makes the command one CommonJS file whose parts are compiled when they are first needed.
//
// V8 looks at every function of a file before it runs the first, so a file with everything in it would make `get` pay for
// `keys`, YAML and post-quantum cryptography. esbuild splits the program at its dynamic imports; the pieces that a `get`
// always needs become one, each of the others stays one, and all are kept in the file as text (the large ones
// compressed) that a loader of a few lines compiles on demand. Shared code is loaded once, so classes keep their identity.
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";

const compressAbove = 20_000;
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
 * @param {{ entry: string, outfile: string, version: string, together: string[] }} options - `together`: the source files
 *   that, with all they import, are compiled as one piece
 */
export async function bundleCommand({ entry, outfile, version, together }) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [entry],
    outdir: "out",
    splitting: true,
    format: "esm",
    // A CommonJS package behind a dynamic import would lose its names across pieces; this is the same code as ESM.
    alias: { yaml: new URL("../node_modules/yaml/browser/dist/index.js", import.meta.url).pathname },
    define: { "process.env.MXM_SECRETS_VERSION": JSON.stringify(version) },
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const graph = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const pieceOf = (source) => {
    const found = [...graph].find(([, { entryPoint }]) => entryPoint === source)?.[0];
    if (found === undefined) throw new Error(`${source} is no piece of its own: nothing imports it dynamically`);
    return found;
  };
  const start = pieceOf(entry);
  const first = closure([start], graph);
  const hot = closure(together.map(pieceOf), graph).filter((name) => !first.includes(name));
  const pieces = { hot: await compile(hotSource(hot), texts, new Set(hot)) };
  for (const name of texts.keys()) {
    if (!hot.includes(name)) pieces[name] = await compile(`export * from "./${name}"`, texts, new Set([name]));
  }
  const { [start]: code, ...lazy } = pieces;
  writeFileSync(outfile, assemble(lazy, hot, code), { mode: 0o755 });
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

/** One module that gives each of the pieces under a name of its own. */
function hotSource(hot) {
  return hot.map((name, index) => `export * as p${index} from "./${name}";`).join("\n");
}

/** Pieces joined to CommonJS text; what is not `inside` is required when it runs. */
async function compile(contents, texts, inside) {
  const resolve = {
    name: "pieces",
    setup(context) {
      context.onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path }) =>
        inside.has(basename(path)) ? { path: basename(path), namespace: "piece" } : { path, external: true },
      );
      context.onLoad({ filter: /.*/, namespace: "piece" }, ({ path }) => ({ contents: texts.get(path), loader: "js" }));
    },
  };
  const { outputFiles } = await build({
    ...common,
    stdin: { contents, loader: "js" },
    format: "cjs",
    plugins: [resolve],
    supported: { "dynamic-import": false },
  });
  return outputFiles[0].text;
}

/** A file with one character beyond Latin-1 is kept in memory, and scanned, at two bytes a character. */
function asciiJson(value) {
  return JSON.stringify(value).replace(
    /[^\x00-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The loader runs the first piece in place and compiles another when it is required. */
function assemble(lazy, hot, code) {
  const packed = Object.entries(lazy).filter(([, text]) => text.length > compressAbove && text !== lazy.hot);
  const plain = Object.entries(lazy).filter((entry) => !packed.some(([name]) => name === entry[0]));
  const compressed = packed.map(([name, text]) => [name, deflateRawSync(text, { level: 9 }).toString("base64")]);
  return `#!/usr/bin/env node
"use strict";
const plain=${asciiJson(Object.fromEntries(plain))},
packed=${JSON.stringify(Object.fromEntries(compressed))},
hot=${JSON.stringify(hot)},loaded={},outer=require;
function textOf(name){
return plain[name]??outer("node:zlib").inflateRawSync(Buffer.from(packed[name],"base64")).toString();
}
function load(specifier){
if(!specifier.startsWith("./"))return outer(specifier);
const name=specifier.slice(2),index=hot.indexOf(name);
if(index>=0)return load("./hot")["p"+index];
if(loaded[name])return loaded[name].exports;
const piece=loaded[name]={exports:{}};
const run=outer("node:vm").compileFunction(textOf(name),["require","module","exports"],{filename:__dirname+"/"+name});
run(load,piece,piece.exports);
return piece.exports;
}
(function(require,module,exports){${code}})(load,{exports:{}},{});
`;
}
