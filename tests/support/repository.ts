import { spawnSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeFinding, inOrder } from "../../src/scan/finding.js";
import type { Finding, Unread } from "../../src/scan/finding.js";
import { Inspector } from "../../src/scan/inspector.js";
import { keyMarks } from "../../src/scan/key-marks.js";
import { compileMarks } from "../../src/scan/marks.js";
import { findRepository } from "../../src/scan/repository.js";
import type { Repository } from "../../src/scan/repository.js";
import { scanFiles } from "../../src/scan/scan-files.js";
import { scanHistory } from "../../src/scan/scan-history.js";
import { scanStaged } from "../../src/scan/scan-staged.js";
import { valueMarks } from "../../src/scan/value-marks.js";
import { scratchDirectory } from "./directory.js";

/** An empty git repository for one test, without the settings of this user, and scans of it for values. */
export function useRepository(values: Readonly<Record<string, string>>) {
  const home = realpathSync(scratchDirectory());
  const directory = join(home, "project");
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "n",
    GIT_AUTHOR_EMAIL: "n@example.org",
    GIT_COMMITTER_NAME: "n",
    GIT_COMMITTER_EMAIL: "n@example.org",
  };
  const git = (...words: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync("git", words, { cwd: directory, env: environment, encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  mkdirSync(directory);
  git("init", "--quiet", "--initial-branch=main");
  const write = (name: string, contents: string | Uint8Array): void => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), contents);
  };
  const commit = (message: string): string => {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD").slice(0, 12);
  };
  const inspector = (): Inspector => {
    const named = Object.entries(values).map(([name, value]) => ({ name, value: Buffer.from(value) }));
    const keys = keyMarks.map((mark) => ({ ...mark, kind: "key", form: "private key" }) as const);
    return new Inspector(compileMarks([...valueMarks(named).marks, ...keys]));
  };
  const repository = async (): Promise<Repository> => {
    const found = await findRepository(directory, environment);
    if (found === undefined) throw new Error("there is no repository");
    return found;
  };
  const described = (findings: readonly Finding[]) => inOrder(findings).map(describeFinding);
  const describedAll = ({ findings, unread }: { findings: readonly Finding[]; unread: readonly Unread[] }) => [
    ...described(findings),
    ...unread.map(({ file, reason }) => `${file}: ${reason}`),
  ];
  return {
    directory,
    environment,
    git,
    write,
    commit,
    repository,
    /** What is found, as a person sees it. */
    files: async (
      paths: readonly string[] = [],
      workingDirectory = directory,
      ownFiles: readonly string[] = [],
      excluded: readonly string[] = [],
    ) => {
      const scan = { workingDirectory, paths, environment, ownFiles: new Set(ownFiles), excluded };
      return describedAll(await scanFiles(inspector(), scan));
    },
    staged: async (isWanted = (_path: Buffer) => true) =>
      describedAll(await scanStaged(inspector(), await repository(), isWanted)),
    history: async (range?: string, isWanted = (_path: Buffer) => true) =>
      described(await scanHistory(inspector(), await repository(), range, isWanted)),
  };
}
