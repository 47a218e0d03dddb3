const passedOn = new Set(
  `APPDATA COMSPEC DBUS_SESSION_BUS_ADDRESS DISPLAY GNUPGHOME GOPASS_CONFIG GOPASS_CONFIG_NO_MIGRATE GOPASS_GPG_BINARY
  GOPASS_HOMEDIR GOPASS_SSH_DIR GOPASS_UMASK GPG_TTY HOME LOCALAPPDATA LOGNAME PASSWORD_STORE_DIR PASSWORD_STORE_UMASK
  PATH PATHEXT PINENTRY_USER_DATA SSH_AGENT_PID SSH_AUTH_SOCK SYSTEMROOT TEMP TERM TMP TMPDIR USER USERPROFILE
  WAYLAND_DISPLAY XAUTHORITY XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR`.split(/\s+/),
);

/**
 * The environment gopass runs in: where this user's files, keys, agents and git identity are, and nothing else. In
 * particular no `GOPASS_DEBUG_LOG`, which would write secrets to a file.
 *
 * Settings of this call win over those of the user's files: no synchronising, no copy to the clipboard, nothing hidden
 * or followed, and no push unless asked for.
 *
 * @param environment - the caller's
 * @param push - whether a write is pushed to the store's git remote
 */
export function gopassEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  push: boolean,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && (passedOn.has(name) || name.startsWith("GIT_"))) result[name] = value;
  }
  const settings = new Map([
    ...userSettings(environment),
    ["core.autosync", "false"],
    ["core.autopush", String(push)],
    ["core.notifications", "false"],
    ["core.follow-references", "false"],
    ["show.autoclip", "false"],
    ["show.safecontent", "false"],
  ]);
  let count = 0;
  for (const [key, value] of settings) {
    result[`GOPASS_CONFIG_KEY_${count}`] = key;
    result[`GOPASS_CONFIG_VALUE_${count}`] = value;
    count += 1;
  }
  // As gopass does: the first of the two that is set.
  const gpgOptions = environment["GOPASS_GPG_OPTS"] || environment["PASSWORD_STORE_GPG_OPTS"] || "";
  return {
    ...result,
    GOPASS_CONFIG_COUNT: String(count),
    // The one channel on which gpg says reliably how a decryption ended; runProgram reads descriptor 3.
    GOPASS_GPG_OPTS: `${gpgOptions} --status-fd 3`.trim(),
    GOPASS_NO_AUTOSYNC: "true",
    GOPASS_NO_NOTIFY: "true",
    GOPASS_NO_REMINDER: "true",
    CHECKPOINT_DISABLE: "true",
    NO_COLOR: "1",
    LC_ALL: "C",
  };
}

function userSettings(environment: Readonly<Record<string, string | undefined>>): [string, string][] {
  const count = Number.parseInt(environment["GOPASS_CONFIG_COUNT"] ?? "0", 10);
  const settings: [string, string][] = [];
  for (let index = 0; index < Math.min(count, 1000); index++) {
    const key = environment[`GOPASS_CONFIG_KEY_${index}`];
    const value = environment[`GOPASS_CONFIG_VALUE_${index}`];
    if (key !== undefined && value !== undefined) settings.push([key, value]);
  }
  return settings;
}
