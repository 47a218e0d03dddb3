import { existsSync } from "node:fs";
import { dirname, relative } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { runProgram } from "../process/run-program.js";
import type { ProgramEnd } from "../process/run-program.js";
import type { PassStore } from "./store.js";

const passedOn = new Set(
  `COMSPEC DBUS_SESSION_BUS_ADDRESS DISPLAY GIT_AUTHOR_DATE GIT_AUTHOR_EMAIL GIT_AUTHOR_NAME GIT_COMMITTER_DATE
  GIT_COMMITTER_EMAIL GIT_COMMITTER_NAME GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_CONFIG_SYSTEM
  GIT_SSH GIT_SSH_COMMAND GNUPGHOME GPG_TTY HOME LOCALAPPDATA LOGNAME PATH PATHEXT SSH_AGENT_PID SSH_AUTH_SOCK
  SYSTEMROOT TEMP TMP TMPDIR USER USERPROFILE WAYLAND_DISPLAY XAUTHORITY XDG_CONFIG_HOME XDG_RUNTIME_DIR`.split(/\s+/),
);

/** A hook may push. */
const timeoutMilliseconds = 120_000;

/**
 * Commits one file as it is now, written or removed, to the repository its folder is in; nothing else that may be
 * changed or staged there. Nothing happens outside of a repository, or when the file is as in the last commit.
 *
 * The repository's own hooks and settings apply, as they do with `pass`. git gets nothing of the environment but what it
 * needs, so none of this program's secrets.
 *
 * @param real - the store's directory without symbolic links; no repository around it counts
 * @param did - what to say of it after `but not committed`: `` `a/b` was written ``
 * @throws UnavailableError saying that the change was made and not committed
 */
export async function commitFile(
  store: PassStore,
  real: string,
  file: string,
  message: string,
  did: string,
): Promise<void> {
  let folder = dirname(file);
  while (folder !== real && !existsSync(folder)) folder = dirname(folder);
  const git = async (...words: readonly string[]): Promise<ProgramEnd> =>
    await runProgram({
      argv: ["git", "-C", folder, "--no-pager", "--literal-pathspecs", "-c", "safe.bareRepository=explicit", ...words],
      environment: environmentOf(store, real),
      timeoutMilliseconds,
      maximumOutputBytes: 1024 * 1024,
    });
  const path = relative(folder, file);
  try {
    const inside = await git("rev-parse", "--is-inside-work-tree");
    if (inside.exitCode !== 0 && !/not a git repository/.test(inside.stderr)) throw refused("rev-parse", inside);
    if (inside.stdout.toString().trim() !== "true") return;
    const staged = existsSync(file)
      ? await git("add", "--", path)
      : await git("rm", "--cached", "--quiet", "--ignore-unmatch", "--", path);
    if (staged.exitCode !== 0) throw refused("add", staged);
    const status = await git("status", "--porcelain", "--", path);
    if (status.exitCode !== 0) throw refused("status", status);
    if (status.stdout.length === 0) return;
    const committed = await git("commit", "--quiet", "-m", message, "--", path);
    if (committed.exitCode !== 0) throw refused("commit", committed);
  } catch (error) {
    throw new UnavailableError(`${did}, but not committed: ${error instanceof Error ? error.message : "git failed"}`, {
      hint: `see \`git -C ${real} status\`, and commit it by hand`,
      cause: error,
    });
  }
}

function refused(command: string, end: ProgramEnd): UnavailableError {
  const how = end.exitCode === undefined ? "was ended by a signal" : `ended with exit code ${end.exitCode}`;
  return new UnavailableError(`${quote(`git ${command}`)} ${how}`);
}

function environmentOf({ environment }: PassStore, real: string): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (passedOn.has(name) || /^GIT_CONFIG_(?:KEY|VALUE)_\d+$/.test(name))) {
      result[name] = value;
    }
  }
  return { ...result, GIT_CEILING_DIRECTORIES: dirname(real), GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}
