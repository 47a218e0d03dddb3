// The start of the shipped command: compiles the pieces of the program when they are first required. `bundle.mjs` puts
// this file in front of the first piece; HOT_TEXT, SMALL, LARGE, HOT and BUILD are what it found out.
"use strict";
const loaded = {};

function load(specifier) {
  if (!specifier.startsWith("./")) return require(specifier);
  const name = specifier.slice(2);
  const index = HOT.indexOf(name);
  if (index >= 0) return load("./hot")[`p${index}`];
  if (loaded[name]) return loaded[name].exports;
  const piece = (loaded[name] = { exports: {} });
  compile(name)(load, piece, piece.exports);
  return piece.exports;
}

function compile(name) {
  const source = `(function(require,module,exports){${textOf(name)}\n})`;
  const file = name === "hot" ? codeFile() : undefined;
  const code = file && readCode(file);
  const { Script } = require("node:vm");
  const script = new Script(source, { filename: `${__dirname}/${name}`, cachedData: code });
  if (file && (!code || script.cachedDataRejected)) process.once("exit", () => keepCode(file, script));
  return script.runInThisContext();
}

let small;

function textOf(name) {
  if (name === "hot") return HOT_TEXT;
  if (LARGE[name]) return unpack(LARGE[name]);
  small ??= JSON.parse(unpack(SMALL));
  return small[name];
}

function unpack(text) {
  return require("node:zlib").inflateRawSync(Buffer.from(text, "base64")).toString();
}

// V8's compiled form of the piece that every command needs, kept as `module.enableCompileCache` of newer versions of
// Node keeps it: for this build, this version of Node and this user alone. Without it everything works, slower.
function codeFile() {
  const { MXM_SECRETS_NO_CACHE: off, MXM_SECRETS_CACHE: own, XDG_CACHE_HOME: xdg, HOME: home } = process.env;
  if ((off && off !== "0") || !process.geteuid) return undefined;
  const directory = own || `${xdg?.startsWith("/") ? xdg : `${home}/.cache`}/mxm-secrets`;
  if (!directory.startsWith("/")) return undefined;
  return `${directory}/code-${BUILD}-${process.version}-${process.arch}`;
}

function readCode(file) {
  const fs = require("node:fs");
  let descriptor;
  try {
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    const { uid, mode, size } = fs.fstatSync(descriptor);
    if (uid !== process.geteuid() || (mode & 0o177) !== 0) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    return fs.readSync(descriptor, bytes, 0, size, 0) === size ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function keepCode(file, script) {
  const fs = require("node:fs");
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    fs.writeFileSync(temporary, script.createCachedData(), { mode: 0o600, flag: "wx" });
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}
