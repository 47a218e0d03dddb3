import { isAbsolute, join, resolve } from "node:path";
import { parseIdentities } from "../age/identities.js";
import type { AgeIdentity } from "../age/identities.js";
import { loadKeyText } from "../age/key-load.js";
import type { KeySurroundings } from "../age/key-load.js";
import { loadedOnce } from "../age/loaded-once.js";
import { isOwnName } from "../domain/key-source.js";
import type { KeySource } from "../domain/key-source.js";
import { LockedError, quote } from "../errors.js";
import { shellWords } from "./shell-words.js";

/** One place that age identities come from. */
export interface IdentitySource {
  /** Whether another recipient may get other identities. */
  readonly dependsOnRecipient: boolean;
  /**
   * @returns an empty list when nothing is there and nobody said there would be
   * @throws LockedError, UnavailableError when it cannot be used
   */
  readonly load: (recipient: string, signal: AbortSignal | undefined) => Promise<readonly AgeIdentity[]>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What finding identities may know. */
export interface IdentityOptions {
  /** The `key` option of the store: alone counts then. */
  readonly key: KeySource | undefined;
  /** Whether `SOPS_AGE_KEY_CMD` may be run: the configuration says so and is trusted. */
  readonly runsKeyCommand: boolean;
  readonly surroundings: Omit<KeySurroundings, "missing" | "signal">;
}

/** Where identities come from, and what to do when none opens a file. */
export interface Identities {
  readonly sources: readonly IdentitySource[];
  readonly hint: string;
}

/**
 * The places where SOPS looks for age identities, in the order they are tried: `SOPS_AGE_KEY`, `SOPS_AGE_KEY_FILE`, the
 * user's `sops/age/keys.txt`, and `SOPS_AGE_KEY_CMD` at last. With a `key` of the store, that alone. Nothing is read yet.
 */
export function findIdentities(options: IdentityOptions): Identities {
  return { sources: sourcesOf(options), hint: hintOf(options) };
}

function sourcesOf({ key, runsKeyCommand, surroundings }: IdentityOptions): readonly IdentitySource[] {
  if (key !== undefined) return [sourceOf(key, surroundings, missing)];
  const { environment } = surroundings;
  const { SOPS_AGE_KEY: text, SOPS_AGE_KEY_FILE: file, SOPS_AGE_KEY_CMD: command } = environment;
  const usual = usualKeyFile(environment);
  return [
    ...(isSet(text) ? [textSource(text)] : []),
    ...(isSet(file) ? [sourceOf(fileOf(resolve(file)), surroundings, missing)] : []),
    ...(usual === undefined ? [] : [sourceOf(fileOf(usual), surroundings, undefined)]),
    ...(runsKeyCommand && isSet(command) ? [commandSource(command, surroundings)] : []),
  ];
}

function hintOf({ key, runsKeyCommand, surroundings }: IdentityOptions): string {
  if (key !== undefined) return "have somebody who can read it add your key to `.sops.yaml` and run `sops updatekeys`";
  if (!runsKeyCommand && isSet(surroundings.environment["SOPS_AGE_KEY_CMD"])) {
    return "SOPS_AGE_KEY_CMD is set, and a program is run only when `key_command: true` stands in the store and the configuration is trusted";
  }
  return "put your age key into SOPS_AGE_KEY_FILE, SOPS_AGE_KEY or `~/.config/sops/age/keys.txt`, or have it added as a recipient with `sops updatekeys`";
}

function sourceOf(
  source: KeySource,
  surroundings: IdentityOptions["surroundings"],
  absent: KeySurroundings["missing"] | undefined,
): IdentitySource {
  const nothing = new LockedError("nothing is there");
  const load = async (call?: { readonly signal?: AbortSignal | undefined }): Promise<readonly AgeIdentity[]> => {
    try {
      const around = { ...surroundings, missing: absent ?? (() => nothing), signal: call?.signal };
      const { text, name } = await loadKeyText(source, around);
      return parseIdentities(text, name);
    } catch (error) {
      if (error === nothing) return [];
      throw error;
    }
  };
  const repeatable = source.kind === "file" && source.passphrase === undefined;
  const loaded = repeatable ? load : loadedOnce(load);
  return { dependsOnRecipient: false, load: async (_recipient, signal) => loaded({ signal }) };
}

/** A variable may have several identities on one line. */
function textSource(text: string): IdentitySource {
  const lines = text
    .split(/\r?\n/)
    .flatMap((line) => (line.startsWith("#") ? [] : line.split(/\s+/).filter(Boolean)))
    .join("\n");
  return {
    dependsOnRecipient: false,
    load: async () => parseIdentities(lines, "SOPS_AGE_KEY"),
  };
}

function commandSource(
  command: string,
  { environment, baseDirectory }: IdentityOptions["surroundings"],
): IdentitySource {
  const name = "SOPS_AGE_KEY_CMD";
  return {
    dependsOnRecipient: true,
    load: async (recipient, signal) => {
      const argv = shellWords(command);
      if (argv === undefined)
        throw new LockedError(`${name} is not a program with its arguments: a quote is not closed`);
      const { runForOutput } = await import("../age/key-command.js");
      const passed = Object.entries(environment).flatMap(([variable, value]) =>
        value === undefined || isOwnName(variable) ? [] : [[variable, value] as const],
      );
      const seen = { ...Object.fromEntries(passed), SOPS_AGE_RECIPIENT: recipient };
      return parseIdentities(await runForOutput(argv, baseDirectory, signal, seen), name);
    },
  };
}

/** Where SOPS looks when nothing is set (Go's `os.UserConfigDir`). */
function usualKeyFile(environment: Environment): string | undefined {
  const parts = ["sops", "age", "keys.txt"] as const;
  const { XDG_CONFIG_HOME: xdg, HOME: home, APPDATA: roaming } = environment;
  if (process.platform === "win32") return isSet(roaming) ? join(roaming, ...parts) : undefined;
  if (isSet(xdg) && isAbsolute(xdg)) return join(xdg, ...parts);
  if (!isSet(home)) return undefined;
  return process.platform === "darwin"
    ? join(home, "Library", "Application Support", ...parts)
    : join(home, ".config", ...parts);
}

function fileOf(file: string): KeySource {
  return { kind: "file", file, passphrase: undefined };
}

function missing(file: string): LockedError {
  return new LockedError(`the key ${quote(file)} is missing`, {
    hint: "correct `key` of the store or SOPS_AGE_KEY_FILE, or restore the file from a backup",
  });
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
