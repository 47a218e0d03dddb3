// The start of the shipped command: compiles the pieces of the program when they are first required. `bundle.mjs` puts
// this file in front of the first piece, and the others into a file beside it; TEXTS, PLACES and BUILD are what it found
// out.
"use strict";
const fs = require("node:fs");
const loaded = {};
const exported = {};

function load(specifier) {
  if (!specifier.startsWith("./")) return require(specifier);
  const name = specifier.slice(2);
  if (!PLACES[name]) return run(name);
  const [hot, index] = PLACES[name];
  return (exported[name] ??= run(`hot${hot}`, hot)[`p${index}`]());
}

/** What `import.meta.url` is in the pieces. */
load.file = __filename;

function run(name, hot) {
  if (loaded[name]) return loaded[name].exports;
  const piece = (loaded[name] = { exports: {} });
  const compiled = hot === undefined ? compile(name, textOf(name)) : compile(name, hotText(hot), codeFile(hot));
  compiled(load, piece, piece.exports);
  return piece.exports;
}

function compile(name, source, file) {
  const kept = file && readCode(file);
  const { Script } = require("node:vm");
  const script = new Script(source, { filename: `${__dirname}/${name}`, cachedData: kept?.code });
  const runs = kept && !script.cachedDataRejected ? kept.runs : 0;
  if (file && runs < trainingRuns) process.once("exit", () => keepCode(file, script, runs + 1));
  return script.runInThisContext();
}

let small;

function textOf(name) {
  if (TEXTS[name]) return unpack(TEXTS[name]);
  small ??= JSON.parse(unpack(TEXTS.small));
  return small[name];
}

let hotTexts;

/**
 * A hot piece. All are read at once: V8 keeps a text so large apart from the memory it gives to small things at first, and
 * need not tidy that before a quick command has ended. What is cut out of it is no copy.
 */
function hotText(index) {
  const [start] = TEXTS[0];
  const [offset, length] = TEXTS[index];
  hotTexts ??= readBytes(start, TEXTS.small[0] - start).latin1Slice();
  return hotTexts.slice(offset - start, offset - start + length);
}

let pieces;

/** Part of the file beside this one. */
function readBytes(start, length) {
  // Opened once: when an update takes the file's place, what is still to be loaded comes from this version.
  pieces ??= openPieces();
  const bytes = Buffer.allocUnsafeSlow(length);
  const done = fs.readSync(pieces, bytes, 0, length, start);
  return done === length ? bytes : fail("is damaged");
}

function openPieces() {
  try {
    pieces = fs.openSync(piecesFile(), fs.constants.O_RDONLY);
  } catch {
    fail("cannot be read");
  }
  return readBytes(0, BUILD.length).latin1Slice() === BUILD ? pieces : fail("is of another version");
}

function piecesFile() {
  return __filename.replace(/\.cjs$/, ".pieces");
}

function fail(fault) {
  fs.writeSync(2, `mxm-secrets: the file \`${piecesFile()}\` of this program ${fault}; install it again\n`);
  process.exit(70);
}

function unpack([start, length]) {
  return require("node:zlib").inflateRawSync(readBytes(start, length)).toString();
}

// V8's compiled form of the pieces that quick commands need, kept as `module.enableCompileCache` of newer versions of
// Node keeps it: for this build, this version of Node and this user alone. Without it everything works, slower. It holds
// the functions that ran, so the first runs each add theirs: the very first has to parse the configuration, and the next
// ones do not. The last byte of the file counts them. The code stands before it twice, because V8 believes what it is given:
// a damaged copy would end the process. Commands that are called often have code of their own, so that none has to compile
// what others do not use, or to read what it does not use itself.
const trainingRuns = 4;
const withOwnCode = ["completion", "get", "list", "run"];

function codeFile(hot) {
  const { MXM_SECRETS_NO_CACHE: off, MXM_SECRETS_CACHE: own, XDG_CACHE_HOME: xdg, HOME: home } = process.env;
  if ((off && off !== "0") || !process.geteuid) return undefined;
  const directory = own || `${xdg?.startsWith("/") ? xdg : `${home}/.cache`}/mxm-secrets`;
  if (!directory.startsWith("/")) return undefined;
  const [, , command] = process.argv;
  const user = withOwnCode.includes(command) ? command : "others";
  return `${directory}/code-${BUILD}-${user}-${hot}-${process.version}-${process.arch}`;
}

function readCode(file) {
  let descriptor;
  try {
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    const { uid, mode, size } = fs.fstatSync(descriptor);
    if (uid !== process.geteuid() || (mode & 0o177) !== 0 || size === 0) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    if (fs.readSync(descriptor, bytes, 0, size, 0) !== size) return undefined;
    const code = bytes.subarray(0, size >> 1);
    return code.equals(bytes.subarray(size >> 1, size - 1)) ? { code, runs: bytes[size - 1] } : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function keepCode(file, script, runs) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    const code = script.createCachedData();
    fs.writeFileSync(temporary, Buffer.concat([code, code, Buffer.of(runs)]), {
      mode: 0o600,
      flag: "wx",
    });
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}
