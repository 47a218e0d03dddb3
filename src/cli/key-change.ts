import { existsSync } from "node:fs";
import { basename, dirname, resolve, sep } from "node:path";
import { ConfigurationError, InvalidInputError, isSecretsError, quote } from "../errors.js";
import { openOlderStore } from "../backends/sealed-older.js";
import { sealedLocation } from "../backends/sealed.js";
import { writeFileAtomically } from "../files/atomic.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { parseIdentityFile } from "../sealed/identity-file.js";
import { keyChangeMark } from "../sealed/key-change-mark.js";
import { loadKeyText } from "../sealed/key-load.js";
import { isOlderFile } from "../sealed/older-format.js";
import { realFile } from "../files/real-file.js";
import { addIgnored } from "./git-files.js";
import { regularFile } from "./regular-file.js";
import { contextOf } from "./sealed-store.js";
import type { ConfiguredSealed } from "./sealed-store.js";
import { askPassphrase } from "./session.js";
import type { Configuration } from "./session.js";
import { workingDirectory } from "./working-directory.js";

/*
 * How a key is replaced so that a process killed at any moment leaves a store that opens and a change that can be
 * finished:
 *
 * 1. The key file gets the new key below the old one. Both formats pass over what is not theirs, so it opens the store
 *    as it is and as it will be.
 * 2. The store is replaced.
 * 3. The old key goes to the file of old keys, then the key file gets the new key alone.
 *
 * Whoever comes after a kill finds the mark between the two keys, and the store says which of them it is under.
 */

/** The key file of a store while its key is being replaced. */
export interface KeyChange {
  /** The key the store had. */
  readonly current: string;
  /** The key that an interrupted change was bringing in. */
  readonly pending: string | undefined;
  /** Where old keys are kept. */
  readonly oldKeys: string;
  /** Step 1. @param next - the text of the new key */
  readonly begin: (next: string) => Promise<void>;
  /** Step 3. */
  readonly settle: (next: string) => Promise<void>;
}

/**
 * Runs `work` with the key file of a store, locked, and with the store as it opens with what is in that file.
 *
 * @throws ConfigurationError when the key does not come from a file, or another store has the same
 */
export async function withKeyChange<T>(
  store: ConfiguredSealed,
  configuration: Configuration,
  work: (change: KeyChange, held: ConfiguredSealed) => Promise<T>,
): Promise<T> {
  const { key } = store;
  if (key.kind !== "file") {
    throw new ConfigurationError(
      `the key of store ${quote(store.name)} comes from no file, so no new one can be put there`,
      [],
      {
        hint: "write the key to a file of mode 0600 and set `key: FILE` for the change; afterwards put the new key where the old one was",
      },
    );
  }
  const named = resolve(configuration.baseDirectory, key.file);
  const file = realFile(named);
  const isInProject = `${named}${sep}`.startsWith(`${configuration.baseDirectory}${sep}`);
  // A link that a checkout brought may lead to the key of another project.
  if (isInProject) for (const written of [named, `${named}.old`]) regularFile(written);
  refuseShared(store, configuration, file);
  if (!existsSync(file)) await (isOlderFile(store.place.file) ? openOlderStore(store, {}) : store.keyText());
  if (isInProject) addIgnored(dirname(file), [file, `${file}.*.tmp`, `${file}.lock*`, `${file}.old`]);
  return withLock(file, async () => {
    const loaded = await store.keyText();
    const { text, passphrase, name } = loaded;
    const [current = "", pending] = text.split(`${keyChangeMark}\n`, 2);
    const oldKeys = `${file}.old`;
    for (const written of [file, oldKeys]) removeLeftovers(written);
    const write = async (to: string, contents: string): Promise<void> => {
      const { encryptIdentityFile } = await import("../age/identity-file.js");
      const bytes = passphrase === undefined ? contents : await encryptIdentityFile(contents, passphrase);
      writeFileAtomically(to, bytes, { mode: 0o600, compare: true });
    };
    const held = { ...store, keyText: async () => loaded, identities: async () => parseIdentityFile(text, name) };
    const change: KeyChange = {
      current,
      pending,
      oldKeys,
      begin: async (next) => {
        if (next !== pending) await write(file, `${withNewline(current)}${keyChangeMark}\n${next}`);
      },
      settle: async (next) => {
        const before = await oldText(oldKeys, passphrase, configuration);
        if (!before.includes(current.trim())) {
          const heading = `# a key that ${basename(file)} had, replaced ${new Date().toISOString().slice(0, 10)}`;
          await write(oldKeys, `${before}${heading}\n${withNewline(current)}`);
        }
        await write(file, next);
      },
    };
    return work(change, held);
  });
}

/** The file of old keys as messages call it: by its name alone only where the user is. */
export function shownOldKeys({ oldKeys }: KeyChange): string {
  return dirname(oldKeys) === workingDirectory() ? basename(oldKeys) : oldKeys;
}

/** What is in the file of old keys; it is protected as the key itself is. */
async function oldText(file: string, passphrase: string | undefined, configuration: Configuration): Promise<string> {
  if (!existsSync(file)) return "";
  const around = { ...contextOf(configuration, askPassphrase), storeFile: file };
  const environment = { ...around.environment, MXM_SECRETS_PASSPHRASE: passphrase };
  try {
    const source = { kind: "file", file, passphrase: undefined } as const;
    return (await loadKeyText(source, { ...around, environment, askPassphrase: undefined })).text;
  } catch (error) {
    if (!isSecretsError(error) || error.code !== "locked") throw error;
    throw new InvalidInputError(`${quote(file)}, where the old key goes, does not open`, {
      cause: error,
      hint: "move it away",
    });
  }
}

/** @throws ConfigurationError: replacing the key of one store would lock the other */
function refuseShared(store: ConfiguredSealed, configuration: Configuration, file: string): void {
  const { config, baseDirectory } = configuration;
  for (const other of config.stores.values()) {
    if (other.backend !== "sealed" || other.name === store.name) continue;
    const { key } = sealedLocation(other, contextOf(configuration, askPassphrase));
    if (key.kind !== "file" || realFile(resolve(baseDirectory, key.file)) !== file) continue;
    throw new ConfigurationError(`${quote(file)} is also the key of store ${quote(other.name)}`, [], {
      hint: `copy it, and give each store a key of its own: stores.${store.name}.key`,
    });
  }
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
