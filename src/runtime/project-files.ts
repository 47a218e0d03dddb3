import { lstatSync, readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../backends/contract.js";
import { parseGlob } from "../domain/glob.js";
import { quote } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";

const formations = ["formation.afs", "formation.yaml", "formation.yml"];
const folders = ["agents", "mcp", "mcps", "a2a", "sops", "triggers", "skills"];
const extensions = /\.(?:afs|ya?ml|md|markdown)$/i;
/** What others put there, and what git keeps for itself. */
const passedOver = new Set(["node_modules", ".git"]);
const maximumEntries = 100_000;

/** The files of a project that may refer to secrets. */
export interface ProjectFiles {
  /** Relative to the configuration, `/`-separated, sorted. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Lists the formation, what is in the folders of its parts, and what the patterns of `templates:` match. Symbolic links
 * are not followed: they may lead out of the project.
 *
 * @param directory - the directory of the configuration
 */
export function listProjectFiles(directory: string, patterns: readonly string[]): ProjectFiles {
  const findings: Finding[] = [];
  const walk = walker(directory, findings);
  const own = [
    ...formations.flatMap((name) => entryOf(directory, name) ?? []),
    ...folders.flatMap((folder) => walk(folder)).filter(({ path, isLink }) => isLink || extensions.test(path)),
  ];
  const named = patterns.flatMap((pattern) => {
    const { base, matches } = parseGlob(pattern);
    const found = walk(base).filter(({ path }) => matches(path));
    if (found.length === 0) {
      findings.push({ severity: "warning", message: `templates: ${quote(pattern)} matches no file` });
    }
    return found;
  });
  const entries = [...own, ...named];
  const links = entries.filter(({ isLink }) => isLink).map(({ path }) => linkFinding(path));
  const files = entries.filter(({ isLink }) => !isLink).map(({ path }) => path);
  return { files: [...new Set(files)].toSorted(), findings: unique([...findings, ...links]) };
}

interface Entry {
  readonly path: string;
  readonly isLink: boolean;
}

/** Lists what is below a directory of the project; each directory is read once, however many patterns ask for it. */
function walker(root: string, findings: Finding[]): (folder: string) => readonly Entry[] {
  const known = new Map<string, readonly Entry[]>();
  let entries = 0;
  const walk = (folder: string): readonly Entry[] => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const files = list(folder).flatMap((entry): readonly Entry[] => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile() || entry.isSymbolicLink()) return [{ path, isLink: entry.isSymbolicLink() }];
      return entry.isDirectory() && !passedOver.has(entry.name) ? walk(path) : [];
    });
    known.set(folder, files);
    return files;
  };
  const list = (folder: string): readonly Dirent[] => {
    if (entries > maximumEntries) return [];
    try {
      if (!isDirectory(root, folder, findings)) return [];
      const found = readdirSync(join(root, folder), { withFileTypes: true });
      entries += found.length;
      if (entries > maximumEntries) {
        findings.push({
          severity: "problem",
          message: `more than ${maximumEntries} files are below the folders that \`templates:\` names; not all were looked at`,
          hint: "begin the patterns with a narrower folder",
        });
      }
      return found;
    } catch (thrown) {
      findings.push(unreadable(folder, thrown));
      return [];
    }
  };
  return walk;
}

/** A folder that is not there has no files; one behind a link is not entered. */
function isDirectory(root: string, folder: string, findings: Finding[]): boolean {
  let path = root;
  for (const segment of folder.split("/")) {
    path = join(path, segment);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isSymbolicLink() === true && segment !== "") findings.push(linkFinding(folder));
    if (status?.isDirectory() !== true && segment !== "") return false;
  }
  return true;
}

function entryOf(root: string, name: string): Entry | undefined {
  const status = lstatSync(join(root, name), { throwIfNoEntry: false });
  const isLink = status?.isSymbolicLink() === true;
  return isLink || status?.isFile() === true ? { path: name, isLink } : undefined;
}

function linkFinding(path: string): Finding {
  return { severity: "warning", message: `${quote(path)} is a symbolic link, which is not followed` };
}

/** What cannot be read may refer to anything. @throws what is no error of the system */
export function unreadable(path: string, thrown: unknown): Finding {
  if (errnoOf(thrown) === undefined) throw thrown;
  return {
    severity: "problem",
    code: "unavailable",
    message: `${quote(path)} cannot be read: ${errnoInWords(thrown)}`,
  };
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.message, finding])).values()];
}
