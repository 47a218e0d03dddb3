import { readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { errnoOf, fileError } from "./errno.js";

/** Header of an index: `DIRC`, version, number of entries. */
const headerLength = 12;
/** Times, device, inode, mode, owner and size before the object id of an entry. */
const statLength = 40;
const objectIdLengths = [20, 32] as const;

/**
 * Whether git tracks a file, read from the index of the work tree around it without running git: versions 2 to 4,
 * linked work trees and split indexes. Source: git's `Documentation/gitformat-index`.
 *
 * @param file - an absolute path without symbolic links
 * @returns `false` outside any work tree
 */
export function isTrackedByGit(file: string): boolean {
  const tree = findWorkTree(dirname(file));
  if (tree === undefined) return false;
  const name = Buffer.from(relative(tree.root, file).split(sep).join("/"));
  const index = readIfPresent(join(tree.gitDirectory, "index"));
  return index !== undefined && [index, ...sharedIndexes(index, tree.gitDirectory)].some((each) => lists(each, name));
}

/** Whether an index has an entry of this name. */
function lists(index: Buffer, name: Buffer): boolean {
  if (index.length < headerLength || index.toString("latin1", 0, 4) !== "DIRC") return false;
  const version = index.readUInt32BE(4);
  if (version === 4) return objectIdLengths.some((length) => listsCompressed(index, name, length));
  return listsPlain(index, name);
}

/**
 * Names stand whole in versions 2 and 3: between the flags, whose low twelve bits are the length, and a NUL. Looking for
 * that needs no walk over the entries, so it stays quick in a large work tree.
 */
function listsPlain(index: Buffer, name: Buffer): boolean {
  const length = Math.min(name.length, 0xfff);
  for (let at = index.indexOf(name, headerLength); at !== -1; at = index.indexOf(name, at + 1)) {
    const flagged = [2, 4].some((back) => (index.readUInt16BE(at - back) & 0xfff) === length);
    if (flagged && index[at + name.length] === 0) return true;
  }
  return false;
}

/** In version 4 a name is what it shares with the one before it and a new end. */
function listsCompressed(index: Buffer, name: Buffer, objectIdLength: number): boolean {
  let previous = Buffer.alloc(0);
  let offset = headerLength;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    offset += statLength + objectIdLength;
    if (offset + 5 > index.length) return false;
    offset += (index.readUInt16BE(offset) & 0x4000) === 0 ? 2 : 4;
    let byte = index[offset++] ?? 0;
    let strip = byte & 0x7f;
    while ((byte & 0x80) !== 0) {
      byte = index[offset++] ?? 0;
      strip = (strip + 1) * 128 + (byte & 0x7f);
    }
    const end = index.indexOf(0, offset);
    if (end === -1 || strip > previous.length) return false;
    previous = Buffer.concat([previous.subarray(0, previous.length - strip), index.subarray(offset, end)]);
    if (previous.equals(name)) return true;
    offset = end + 1;
  }
  return false;
}

/** A split index names the one it builds on by its hash, in a `link` extension. */
function sharedIndexes(index: Buffer, gitDirectory: string): Buffer[] {
  const shared: Buffer[] = [];
  for (let at = index.indexOf("link", headerLength); at !== -1; at = index.indexOf("link", at + 1)) {
    for (const length of objectIdLengths) {
      const hash = index.toString("hex", at + 8, at + 8 + length);
      const base = readIfPresent(join(gitDirectory, `sharedindex.${hash}`));
      if (base !== undefined) shared.push(base);
    }
  }
  return shared;
}

function findWorkTree(from: string): { readonly root: string; readonly gitDirectory: string } | undefined {
  for (let root = from; ; root = dirname(root)) {
    const entry = join(root, ".git");
    const status = statSync(entry, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) return { root, gitDirectory: entry };
    if (status?.isFile() === true) {
      const gitDirectory = /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(entry, "utf8"))?.[1];
      return gitDirectory === undefined ? undefined : { root, gitDirectory: resolve(root, gitDirectory) };
    }
    if (root === dirname(root)) return undefined;
  }
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError("read", file, error);
  }
}
