// Makes the command one CommonJS file whose parts are compiled when they are first needed.
//
// V8 looks at every function of a file before it runs the first, so a file with everything in it would make `get` pay for
// `keys`, YAML and post-quantum cryptography. esbuild splits the program at its dynamic imports; each piece is kept in the
// file as text, and a loader of a few lines compiles it on demand. Shared pieces are loaded once, so classes keep their
// identity across the parts.
import { writeFileSync } from "node:fs";
import { build, transform } from "esbuild";

const target = "node20.19";

/** @param {{ entry: string, outfile: string, version: string }} options */
export async function bundleCommand({ entry, outfile, version }) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target,
    minify: true,
    metafile: true,
    write: false,
    // A CommonJS package behind a dynamic import would lose its names across pieces; this is the same code as ESM.
    alias: { yaml: new URL("../node_modules/yaml/browser/dist/index.js", import.meta.url).pathname },
    define: { "process.env.MXM_SECRETS_VERSION": JSON.stringify(version) },
    logLevel: "warning",
  });
  const start = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry)?.[0];
  if (start === undefined) throw new Error(`the bundle has no piece for ${entry}`);
  const pieces = [];
  for (const { path, text } of outputFiles) {
    const supported = { "dynamic-import": false };
    const { code } = await transform(text, { format: "cjs", platform: "node", target, minify: true, supported });
    pieces.push([nameOf(path), code]);
  }
  const lazy = pieces.filter(([name]) => name !== nameOf(start));
  const [, first] = pieces.find(([name]) => name === nameOf(start)) ?? [];
  writeFileSync(outfile, assemble(Object.fromEntries(lazy), first), { mode: 0o755 });
}

function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The loader runs the first piece in place and compiles another when it is required. */
function assemble(lazy, first) {
  return `#!/usr/bin/env node
"use strict";
const pieces=${JSON.stringify(lazy)},loaded={},outer=require;
function load(name){
if(!name.startsWith("./"))return outer(name);
name=name.slice(2);
if(loaded[name])return loaded[name].exports;
const piece={exports:{}};
loaded[name]=piece;
outer("vm").compileFunction(pieces[name],["require","module","exports"],{filename:__dirname+"/"+name})(load,piece,piece.exports);
return piece.exports;
}
(function(require,module,exports){${first}})(load,module,exports);
`;
}
