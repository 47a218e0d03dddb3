import { readlinkSync } from "node:fs";

const passedOn = new Set(
  `APPDATA COMSPEC DBUS_SESSION_BUS_ADDRESS DISPLAY GNUPGHOME GPG_TTY HOME LOCALAPPDATA LOGNAME PATH PATHEXT
  PINENTRY_USER_DATA SYSTEMROOT TEMP TERM TMP TMPDIR USER USERPROFILE WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR`.split(
    /\s+/,
  ),
);

/**
 * The environment gpg runs in: where this user's key ring, agent and terminal are, and nothing else. Messages are in
 * English, because failures are told apart by them where the status lines do not.
 *
 * @param environment - the caller's; `GPG_TTY` is found out where it does not say it
 */
export function gpgEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries({ GPG_TTY: terminalName(), ...environment })) {
    if (value !== undefined && passedOn.has(name)) result[name] = value;
  }
  return { ...result, LC_ALL: "C" };
}

/**
 * The terminal this process was started in, for `GPG_TTY`, on which the passphrase of a key is asked: gpg looks for one
 * on its own standard input, which is never a terminal here.
 *
 * @returns `undefined` without one, and where the system does not say
 */
export function terminalName(): string | undefined {
  for (const descriptor of [0, 2, 1]) {
    const file = descriptorTarget(descriptor);
    if (file !== undefined && /^\/dev\/(pts\/|tty)\d+$/.test(file)) return file;
  }
  return undefined;
}

function descriptorTarget(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}
