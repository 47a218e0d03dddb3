const start = "# >>> mxm-secrets scan >>>";
const end = "# <<< mxm-secrets scan <<<";

const newHook = "#!/bin/sh\n";

/** A hook that this command may change, or why it may not. */
export type HookChange = { readonly text: string } | { readonly refusal: string };

/**
 * The block that scans what is about to be committed. Without the command nothing is committed: a scan that silently does
 * not happen is worth less than none.
 *
 * @param command - what runs the scan, as a line of shell
 */
function blockOf(command: string): string {
  return [
    start,
    "if ! command -v mxm-secrets >/dev/null 2>&1; then",
    "  echo 'mxm-secrets is not installed, so nobody looked for secrets in this commit' >&2",
    "  echo '  install it, or commit this once with `git commit --no-verify`' >&2",
    "  exit 1",
    "fi",
    `${command} || exit $?`,
    end,
    "",
  ].join("\n");
}

/**
 * A pre-commit hook with the scan in it. The scan goes in front of what the hook does, right below the line that names its
 * shell: an `exit` or `exec` of the hook would otherwise skip it. A block that is there already is replaced.
 *
 * @param present - the hook as it is; `undefined` when there is none
 */
export function addScan(present: string | undefined, command: string): HookChange {
  const kept = present === undefined ? newHook : withoutScan(present);
  // Without such a line git and husky run it with `sh`.
  const shebang = /^#![^\n]*(?:\n|$)/.exec(kept)?.[0] ?? "";
  if (kept.includes("\0") || (shebang !== "" && !namesShell(shebang))) return { refusal: "it is no shell script" };
  const first = shebang === "" || shebang.endsWith("\n") ? shebang : `${shebang}\n`;
  return { text: `${first}${blockOf(command)}${kept.slice(shebang.length)}` };
}

/** A hook without the scan. @returns the same text when the scan is not in it */
export function withoutScan(present: string): string {
  const from = present.indexOf(`${start}\n`);
  const to = present.indexOf(`${end}\n`, from);
  return from === -1 || to === -1 ? present : present.slice(0, from) + present.slice(to + end.length + 1);
}

/** Whether nothing is left of a hook that {@link addScan} made. */
export function isEmptyHook(text: string): boolean {
  return text === newHook;
}

/** Whether a first line names a shell that reads POSIX syntax. */
function namesShell(line: string): boolean {
  return /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?(?:sh|bash|dash|ash|ksh|zsh)(?:\s|$)/.test(line);
}
