import { decryptAge } from "../age/decrypt.js";
import type { AgeIdentity } from "../age/identities.js";
import { CancelledError, IntegrityError, isSecretsError, LockedError, quote, throwIfCancelled } from "../errors.js";
import type { SecretsError } from "../errors.js";
import type { GpgProgram } from "../gpg/program.js";
import type { KeyOpener, KeySealer, LocalKey } from "./data-key.js";
import type { Identities, IdentitySource } from "./identity-sources.js";

type AgeKey = Extract<LocalKey, { readonly kind: "age" }>;
type PgpKey = Extract<LocalKey, { readonly kind: "pgp" }>;

/** What SOPS lists under `age` and this program has no identities for. */
const otherKinds: readonly (readonly [start: RegExp, what: string])[] = [
  [/^ssh-/, "SSH keys"],
  [/^age1(?!pq1)[a-z0-9+.-]*1[02-9ac-hj-np-z]{6,}$/, "keys of age plugins"],
];

/** A data key has 32 bytes, a part of one 33. */
const maximumPartBytes = 64;

/** What opening and sealing may use. */
export interface KeyTools {
  readonly identities: Identities;
  readonly gpg: GpgProgram;
  readonly signal: AbortSignal | undefined;
}

/**
 * Opens age keys with the identities of the user, each source loaded at most once and only when it is needed, and PGP
 * keys by gpg.
 *
 * @param file - the name of the SOPS file, for errors
 */
export function keyOpener(tools: KeyTools, file: string): KeyOpener {
  const loaded = new Map<IdentitySource, readonly AgeIdentity[]>();
  const identitiesOf = async (source: IdentitySource, recipient: string): Promise<readonly AgeIdentity[]> => {
    const before = loaded.get(source);
    if (before !== undefined) return before;
    const identities = await source.load(recipient, tools.signal);
    if (!source.dependsOnRecipient) loaded.set(source, identities);
    return identities;
  };

  const openAge = async (key: AgeKey): Promise<Uint8Array> => {
    const other = otherKinds.find(([start]) => start.test(key.recipient))?.[1];
    if (other !== undefined) throw unsupportedKind(file, key, other);
    const encrypted = Buffer.from(key.encrypted);
    let failure: SecretsError | undefined;
    for (const source of tools.identities.sources) {
      try {
        const outcome = await decryptAge(encrypted, await identitiesOf(source, key.recipient));
        if (outcome.kind === "value") return outcome.value;
        if (outcome.kind === "corrupt") throw damaged(file, key, outcome.why);
      } catch (error) {
        if (!isSecretsError(error) || error instanceof CancelledError || error instanceof IntegrityError) throw error;
        failure ??= error;
      }
    }
    throw failure ?? notForUs(file, key, tools.identities.hint);
  };

  const openPgp = async (key: PgpKey): Promise<Uint8Array> => {
    const { decryptWithGpg } = await import("../gpg/decrypt.js");
    return decryptWithGpg(tools.gpg, Buffer.from(key.encrypted), {
      subject: { value: `the data key of ${quote(file)}`, file: `the data key of ${quote(file)}` },
      hints: { notOurs: `it is for ${quote(`pgp ${key.fingerprint}`)}: see \`gpg --list-secret-keys\`` },
      maximumBytes: maximumPartBytes,
      signal: tools.signal,
    });
  };

  return async (key) => {
    throwIfCancelled(tools.signal);
    return key.kind === "age" ? openAge(key) : openPgp(key);
  };
}

/**
 * Encrypts to age recipients natively, and to PGP keys by gpg.
 *
 * @param file - the name of the SOPS file, for errors
 */
export function keySealer({ gpg, signal }: Pick<KeyTools, "gpg" | "signal">, file: string): KeySealer {
  return async (key, part) => {
    if (key.kind === "age") {
      const { encryptAge } = await import("../age/encrypt.js");
      const { parseRecipients } = await import("../age/recipients.js");
      const sealed = await encryptAge(part, parseRecipients([key.recipient], `the rules for ${file}`), {
        armored: true,
      });
      return sealed.toString("latin1");
    }
    const { encryptWithGpg } = await import("../gpg/encrypt.js");
    const subject = `the data key of ${quote(file)}`;
    const sealed = await encryptWithGpg(gpg, part, [key.fingerprint], {
      subject,
      armor: true,
      trustNamed: true,
      signal,
    });
    return Buffer.from(sealed).toString("latin1");
  };
}

function notForUs(file: string, key: AgeKey, hint: string): LockedError {
  return new LockedError(`no key here opens ${quote(file)}: it is for ${quote(`age ${key.recipient}`)}`, { hint });
}

function unsupportedKind(file: string, key: AgeKey, what: string): LockedError {
  return new LockedError(`${quote(file)} is for ${quote(`age ${key.recipient}`)}, and ${what} are not supported`, {
    hint: "add an age key (`age-keygen`) to `.sops.yaml` and run `sops updatekeys`, or read it with `sops` itself",
  });
}

function damaged(file: string, key: AgeKey, why: string): IntegrityError {
  return new IntegrityError(`${quote(file)}: the data key for ${quote(`age ${key.recipient}`)} is damaged: ${why}`, {
    hint: "restore the file from its history",
  });
}
