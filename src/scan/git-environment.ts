import { withAbsolutePath } from "../process/program-path.js";

/** Where git finds the user's settings, the repository and, in a hook, the index about to be committed. */
const passedOn = new Set(
  `COMSPEC GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_CEILING_DIRECTORIES GIT_COMMON_DIR GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL
  GIT_CONFIG_NOSYSTEM GIT_CONFIG_PARAMETERS GIT_CONFIG_SYSTEM GIT_DIR GIT_DISCOVERY_ACROSS_FILESYSTEM GIT_INDEX_FILE
  GIT_OBJECT_DIRECTORY GIT_QUARANTINE_PATH GIT_WORK_TREE HOME LOCALAPPDATA PATH PATHEXT SYSTEMROOT TEMP TMP TMPDIR
  USERPROFILE XDG_CONFIG_HOME`.split(/\s+/),
);

/**
 * The environment git reads a repository in: nothing that starts another program, no lock taken, nothing fetched, no
 * object replaced by another.
 *
 * @param environment - the caller's
 */
export function gitEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (passedOn.has(name) || /^GIT_CONFIG_(KEY|VALUE)_\d+$/.test(name))) result[name] = value;
  }
  return {
    ...withAbsolutePath(result),
    // A list of one protocol that does not exist: a partial clone fetches nothing, through no program.
    GIT_ALLOW_PROTOCOL: "none",
    GIT_GRAFT_FILE: "/dev/null",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/**
 * The beginning of every call of git. What a repository configures to be run (a file system monitor, hooks, a pager) is
 * off; the plumbing called here knows no filters, no text conversion and no external diff.
 *
 * @param directory - where git looks for the repository
 */
export function gitCall(directory: string, words: readonly string[]): readonly [string, ...string[]] {
  const settings = ["core.fsmonitor=false", "core.hooksPath=/dev/null"];
  return [
    "git",
    "-C",
    directory,
    "--no-pager",
    "--literal-pathspecs",
    ...settings.flatMap((setting) => ["-c", setting]),
    ...words,
  ];
}
