// The start of the shipped command: compiles the pieces of the program when they are first required. `bundle.mjs` puts
// this file in front of the first piece, and the others into a file beside it. HOT, INDEX, and BUILD are what it found
// out: where the hot code of each quick command is in that file, and where the list of everything else is.
const fs = require("node:fs");
const { argv, env, version, arch } = process;
const quick =
  { __proto__: null, list: "list", completion: "list", get: "get", run: "run", exec: "run" }[argv[2]] ?? "others";
const place = quick === "others" ? "list" : quick;
const loaded = {};
const exported = {};
/** Of each part of the hot code, what gives the exports of a piece that is in it. */
const hot = [];

/** What a piece exports. What is no piece comes from Node. */
function load(specifier) {
  return (exported[specifier] ??= specifier.startsWith("./") ? loadOwn(specifier) : require(specifier));
}

function loadOwn(specifier) {
  return (hot[0] ?? loadHot(0, HOT[place]))(specifier) ?? loadRare(specifier);
}

/** What `import.meta.url` is in the pieces. */
load.file = __filename;

/** Stands for a dynamic import. */
async function bring(specifier) {
  return load(specifier);
}

let index;

function loadRare(specifier) {
  index ??= JSON.parse(readBytes(...INDEX).latin1Slice());
  if (!index.hot.includes(specifier)) return loadPiece(specifier);
  return (hot[1] ?? loadHot(1, index.rest[place]))(specifier);
}

/** Hot code has two parts: what every call of the command needs, and what some do. */
function loadHot(part, [start, length]) {
  const piece = {};
  compile(`hot${part}`, readBytes(start, length).latin1Slice(), codeFile(part))(load, bring, piece);
  return (hot[part] = piece.find);
}

function loadPiece(name) {
  if (loaded[name]) return loaded[name].exports;
  const piece = (loaded[name] = { exports: {} });
  compile(name, textOf(name))(load, bring, undefined, piece, piece.exports);
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

const piecesFile = `${__filename.endsWith(".cjs") ? __filename.slice(0, -".cjs".length) : __filename}.pieces`;
let pieces;

/** Part of the file beside this one. */
function readBytes(start, length) {
  // Opened once: when an update takes the file's place, what is still to be loaded comes from this version.
  pieces ??= openPieces();
  const bytes = Buffer.allocUnsafeSlow(length);
  let done;
  try {
    done = fs.readSync(pieces, bytes, 0, length, start);
  } catch {
    fail("cannot be read");
  }
  return done === length ? bytes : fail("is damaged");
}

function openPieces() {
  try {
    pieces = fs.openSync(piecesFile, fs.constants.O_RDONLY);
  } catch {
    fail("cannot be read");
  }
  return readBytes(0, BUILD.length).latin1Slice() === BUILD ? pieces : fail("is of another version");
}

function fail(fault) {
  fs.writeSync(2, `mxm-secrets: the file \`${piecesFile}\` of this program ${fault}; install it again\n`);
  process.exit(70);
}

let small;

function textOf(name) {
  if (index.texts[name]) return unpack(index.texts[name]);
  small ??= JSON.parse(unpack(index.small));
  return small[name];
}

function unpack([start, length]) {
  return require("node:zlib").inflateRawSync(readBytes(start, length)).toString();
}

// V8's compiled form of the hot code, kept as `module.enableCompileCache` of newer versions of Node keeps it: for this
// build, this version of Node and this user alone. Without it everything works, slower. It holds the functions that ran,
// so the first runs each add theirs: the very first has to parse the configuration, and the next ones do not. The last
// byte of the file counts them. The code stands before it twice, because V8 believes what it is given: a damaged copy
// would end the process.
const trainingRuns = 4;
const daysKept = 30;

function codeFile(part) {
  const { MXM_SECRETS_NO_CACHE: off, MXM_SECRETS_CACHE: own, XDG_CACHE_HOME: xdg, HOME: home } = env;
  if ((off && off !== "0") || !process.geteuid) return undefined;
  const base = xdg?.startsWith("/") ? xdg : home?.startsWith("/") && `${home}/.cache`;
  const directory = own ? require("node:path").resolve(own) : base && `${base}/mxm-secrets`;
  return directory && `${directory}/code-${BUILD}-${quick}-${part}-${version}-${arch}`;
}

function readCode(file) {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  let descriptor;
  try {
    if (!isOwnDirectory(parentOf(file))) return undefined;
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const status = fs.fstatSync(descriptor);
    if (!status.isFile() || status.nlink !== 1 || status.uid !== process.geteuid()) return undefined;
    if ((status.mode & 0o177) !== 0 || status.size === 0) return undefined;
    const length = status.size >> 1;
    const code = Buffer.allocUnsafeSlow(length);
    if (fs.readSync(descriptor, code, 0, length, 0) !== length) return undefined;
    // In parts to the same place: to touch new memory takes longer than to read.
    const part = Buffer.allocUnsafeSlow(64 * 1024);
    for (let done = 0; done < length; done += part.length) {
      const count = Math.min(part.length, length - done);
      if (fs.readSync(descriptor, part, 0, count, length + done) !== count) return undefined;
      if (!part.subarray(0, count).equals(code.subarray(done, done + count))) return undefined;
    }
    return fs.readSync(descriptor, part, 0, 1, 2 * length) === 1 ? { code, runs: part[0] } : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Whether nobody else can put anything into a directory, or read what is in it. */
function isOwnDirectory(directory) {
  const status = fs.lstatSync(directory);
  return status.isDirectory() && status.uid === process.geteuid() && (status.mode & 0o077) === 0;
}

/** As `mkdir -p`. Node's own recursive form tries for ever where nothing can be made, such as in `/proc`. */
function makeDirectory(directory) {
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (error.code === "EEXIST") return;
    if (error.code !== "ENOENT") throw error;
    makeDirectory(parentOf(directory));
    fs.mkdirSync(directory, { mode: 0o700 });
  }
}

function parentOf(file) {
  return file.slice(0, file.lastIndexOf("/")) || "/";
}

function keepCode(file, script, runs) {
  const temporary = `${file}.${process.pid}`;
  try {
    makeDirectory(parentOf(file));
    if (!isOwnDirectory(parentOf(file))) return;
    const code = script.createCachedData();
    fs.writeFileSync(temporary, Buffer.concat([code, code, Buffer.of(runs)]), {
      mode: 0o600,
      flag: "wx",
    });
    fs.renameSync(temporary, file);
    removeOld(parentOf(file));
  } catch {
    removeIfThere(temporary);
  }
}

/** The names of our own files alone: a directory that somebody gave may hold others. */
const keptNames =
  /^(?:code-[0-9a-f]{16}-[a-z]+-\d-v[\d.]+-\w+|config-checked-[0-9a-f]{8}|config-\d+-[0-9a-f]{64}\.json)$/;

/** What builds and projects that are gone left in the cache: what is still needed of it is made again. */
function removeOld(directory) {
  const kept = Date.now() - daysKept * 86_400_000;
  for (const name of fs.readdirSync(directory)) {
    const file = `${directory}/${name}`;
    if (keptNames.test(name) && fs.lstatSync(file).mtimeMs < kept) removeIfThere(file);
  }
}

function removeIfThere(file) {
  try {
    fs.unlinkSync(file);
  } catch {
    // It was never made, or somebody else was quicker.
  }
}
