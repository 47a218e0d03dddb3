const always = new Set(
  `APPDATA COMSPEC HOME LANG LC_ALL LC_CTYPE LOCALAPPDATA LOGNAME PATH PATHEXT PROGRAMDATA SYSTEMDRIVE SYSTEMROOT TEMP TMP
  TMPDIR TZ USER USERPROFILE XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME`.split(/\s+/),
);

/**
 * The environment a program runs in: where this user's programs and files are, and the variables that the configuration
 * names.
 *
 * @param environment - the caller's
 * @param passed - names from the configuration; one that is not set is left out
 * @param isOwn - whether a variable is this program's own, which no other program gets
 */
export function commandEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  passed: readonly string[],
  isOwn: (name: string) => boolean,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of [...always, ...passed]) {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value !== undefined && !isOwn(name)) result[name] = value;
  }
  return result;
}
