// Makes the command two files: a small one that Node runs, and beside it the parts, compiled when they are first needed.
//
// Node reads the whole of the file it runs into memory, and V8 looks at every function of it before it runs the first, so
// a file with everything in it would make `get` pay for `keys`, YAML and post-quantum cryptography. esbuild splits the program
// at its dynamic imports; the pieces that every call of a quick command needs become one, a "hot" one, for each of these
// commands its own; the hot pieces that it may need become a second, each of the others stays one. All are kept in the second
// file (the hot ones as they are, the others compressed), from which a loader of a few lines reads and compiles them on
// demand. No code is loaded twice, so classes keep their identity.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build as esbuild } from "esbuild";
import { assemble, mapValues } from "./assemble.mjs";

/** Stands for the hash of both files, which is as long. */
const buildPlaceholder = "@hash-of-a-build";

/**
 * What is hot: for each quick command the sources that every call of it needs, then those that some do. A command of any
 * other name begins with those of `list`.
 */
export const hotSources = mapValues(
  {
    list: ["main", "commands/list", "commands/completion"],
    get: ["main", "commands/get", "../backends/sealed"],
    run: ["main", "declarations/run", "commands/run", "../backends/sealed"],
    rest: ["../backends/registry"],
  },
  (names) => names.map((name) => join("src/cli", `${name}.ts`)),
);

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
 * @param {{ entry: string, outfile: string, version: string, hotSources: Record<string, string[]> }} options -
 *   `hotSources`: as above; all that each group imports is one piece
 */
export async function bundleCommand({ entry, outfile, version, hotSources: groups }) {
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
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const graph = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  for (const [name, text] of texts) texts.set(name, bringPieces(text, graph.get(name)));
  const pieceOf = (source) => {
    const found = [...graph].find(([, { entryPoint }]) => entryPoint === source)?.[0];
    if (found === undefined) throw new Error(`${source} is no piece of its own: nothing imports it dynamically`);
    return found;
  };
  const start = pieceOf(entry);
  const { rest, ...commands } = mapValues(groups, (sources) => closure(sources.map(pieceOf), graph));
  const hot = new Set([...Object.values(commands).flat(), ...rest]);
  const codeOf = (names) => compile(hotSource(names, graph), texts, new Set(names));
  const first = {};
  const later = {};
  for (const [command, names] of Object.entries(commands)) {
    first[command] = await codeOf(names);
    later[command] = await codeOf([...hot].filter((name) => !names.includes(name)));
  }
  const lazy = {};
  for (const name of texts.keys()) {
    if (name !== start && !hot.has(name)) {
      lazy[`./${name}`] = await compile(`export * from "./${name}"`, texts, new Set([name]));
    }
  }
  // The first piece has its own copy of what it imports: helpers of the bundler, which keep nothing.
  const code = await compile(`export * from "./${start}"`, texts, new Set(closure([start], graph)));
  if (JSON.stringify(lazy).includes(buildPlaceholder)) throw new Error("a compressed piece knows the build");
  const hotNames = [...hot].map((name) => `./${name}`);
  const files = await assemble({
    first,
    later,
    hot: hotNames,
    lazy,
    code,
    build: buildPlaceholder,
    target: common.target,
  });
  // Whatever is another in a file makes it another build: compiled code that is kept is for one alone.
  const build = hashOf(files.start + files.pieces);
  writeFileSync(piecesOf(outfile), files.pieces.replaceAll(buildPlaceholder, build), "latin1");
  writeFileSync(outfile, files.start.replaceAll(buildPlaceholder, build), { mode: 0o755 });
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
 * A dynamic import goes through the loader even within a piece: the parts of the piece then share one scope. What the
 * bundler would put in its place copies all that the piece exports.
 */
function bringPieces(text, { imports }) {
  const brought = imports.filter(({ kind, external }) => kind === "dynamic-import" && external !== true);
  let changed = text;
  for (const name of new Set(brought.map(({ path }) => basename(path)))) {
    if (!changed.includes(`import("./${name}")`)) throw new Error(`no dynamic import of ${name}, where one is`);
    changed = changed.replaceAll(`import("./${name}")`, `bring("./${name}")`);
  }
  return changed;
}

/**
 * One module that makes what each of the pieces exports, when it is asked for: most never are. No source file changes what
 * it exports.
 */
function hotSource(names, graph) {
  const imports = [];
  const cases = [];
  names.forEach((name, index) => {
    const exported = graph.get(name).exports.map((each, at) => ({ each, local: `p${index}_${at}` }));
    imports.push(`import {${exported.map(({ each, local }) => `${each} as ${local}`).join()}} from "./${name}";`);
    cases.push(`case "./${name}": return {${exported.map(({ each, local }) => `${each}: ${local}`).join()}};`);
  });
  return `${imports.join("\n")}\npiece.find = (name) => { switch (name) {\n${cases.join("\n")}\n} };`;
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
  const { outputFiles } = await esbuild({
    ...common,
    stdin: { contents, loader: "js" },
    format: "cjs",
    plugins: [resolve],
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "require.file" },
  });
  return `(function(require,bring,piece,module,exports){${ascii(outputFiles[0].text)}})`;
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

function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
