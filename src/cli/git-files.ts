import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { writeFileAtomically } from "../files/atomic.js";
import { fileError } from "../files/errno.js";
import { gitEnvironment } from "../scan/git-environment.js";
import { regularFile } from "./regular-file.js";

/** Adds lines to `.gitignore` of a directory, once each. `files` are paths or names in that directory. */
export function addIgnored(directory: string, files: readonly string[]): void {
  addLines(
    join(directory, ".gitignore"),
    files.map((file) => `/${basename(file)}`),
  );
}

/** Tells git how to merge and show a sealed store. */
export function addAttributes(directory: string, storeName: string): void {
  addLines(join(directory, ".gitattributes"), [`/${storeName} merge=mxm-secrets diff=mxm-secrets`]);
}

/** What git runs for those attributes; kept in the clone's own settings, because git takes no programs from a repository. */
export const gitSettings = [
  ["merge.mxm-secrets.name", "sealed store of mxm-secrets"],
  ["merge.mxm-secrets.driver", "mxm-secrets merge %O %A %B %P"],
  ["diff.mxm-secrets.textconv", "mxm-secrets diff"],
] as const;

/** Writes {@link gitSettings} into the clone around a directory. @returns `false` outside of one or without git */
export async function configureGit(directory: string): Promise<boolean> {
  if (!isInWorkTree(directory)) return false;
  for (const [name, value] of gitSettings) {
    if ((await runGit(directory, ["config", name, value])) !== 0) return false;
  }
  return true;
}

/**
 * Whether git would take a new file along when everything is added: it is in a work tree and no rule ignores it.
 *
 * @returns `false` without git, too
 */
export async function wouldBeAdded(file: string): Promise<boolean> {
  const directory = dirname(resolve(file));
  if (!isInWorkTree(directory)) return false;
  return (await runGit(directory, ["check-ignore", "-q", "--", basename(file)])) === 1;
}

/** With nothing of ours in its environment. @returns the exit code, `null` without git */
async function runGit(directory: string, words: readonly string[]): Promise<number | null> {
  const { spawnSync } = await import("node:child_process");
  return spawnSync("git", words, { cwd: directory, env: gitEnvironment(process.env), stdio: "ignore" }).status;
}

function isInWorkTree(directory: string): boolean {
  if (existsSync(join(directory, ".git"))) return true;
  const parent = dirname(directory);
  return parent !== directory && isInWorkTree(parent);
}

function addLines(file: string, lines: readonly string[]): void {
  const status = regularFile(file);
  const before = status === undefined ? "" : textOf(file);
  const present = new Set(before.split(/\r?\n/).map((line) => line.trim()));
  const missing = lines.filter((line) => !present.has(line));
  if (missing.length === 0) return;
  const separator = before === "" || before.endsWith("\n") ? "" : "\n";
  const mode = status === undefined ? 0o644 & ~process.umask() : status.mode & 0o777;
  writeFileAtomically(file, `${before}${separator}${missing.join("\n")}\n`, { mode });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw fileError("read", file, thrown);
  }
}
