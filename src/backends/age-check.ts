import { damaged, isForOneOf, parseAge } from "../age/decrypt.js";
import type { AgeFile } from "../age/decrypt.js";
import type { AgeIdentity } from "../age/identities.js";
import { scryptType } from "../age/stanza-types.js";
import { entryFile, readEntry, realRoot } from "../age/tree.js";
import type { Unlocking } from "../age/tree-keys.js";
import { nearestRecipients } from "../age/tree-recipients.js";
import { throwIfCancelled } from "../errors.js";
import { listedIn, staleRecipients } from "./age-check-recipients.js";
import type { AgeStore } from "./age.js";
import { attempt } from "./attempt.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";
import { recipientDrift } from "./recipient-drift.js";

const noRecipients: Finding = {
  severity: "warning",
  message: "no `.age-recipients` says who may read what is written to the store: nothing can be written",
  hint: "put the public keys of its readers into it, one a line",
};

/**
 * Readiness of an age tree: the directory, the key, of each path whether it is there and for this key, and whether who can
 * read it is who its `.age-recipients` and the configuration say. Keys of files are unwrapped, no value is decrypted.
 */
export async function checkAge(
  { root: directory, context }: AgeStore,
  paths: readonly string[],
  policies: ReadonlyMap<string, string>,
  keys: Unlocking,
  call: BackendCall,
): Promise<StoreReport> {
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const found = await attempt(() => realRoot(directory));
  if ("finding" in found) return { findings: [found.finding], presence };
  const root = found.value;
  const findings = new Map<string, Finding>();
  const say = (finding: Finding): unknown => findings.set(finding.message, finding);
  const loaded = await attempt(keys.identities);
  if ("finding" in loaded) say(loaded.finding);
  const identities = "value" in loaded ? loaded.value : [];

  for (const path of paths) {
    throwIfCancelled(call.signal);
    const state = await attempt(async () => stateOf(root, path, identities, keys));
    if ("finding" in state) say(state.finding);
    else presence.set(path, state.value.presence);
    const nearest = await attempt(() => nearestRecipients(root, path));
    if ("finding" in nearest) say(nearest.finding);
    else if (nearest.value === undefined) say(noRecipients);
    else {
      const { value: recipients } = nearest;
      const file = "value" in state ? state.value.file : undefined;
      if (file !== undefined) {
        const isReadable = presence.get(path) === "present";
        const name = entryFile(root, path);
        (await staleRecipients({ name, file, isReadable, identities }, recipients)).forEach(say);
      }
      const policy = policies.get(path);
      if (policy !== undefined) recipientDrift(listedIn(recipients), policy, context).forEach(say);
    }
  }
  return { findings: [...findings.values()], presence };
}

/** What is known of an entry without its value. */
interface EntryState {
  readonly presence: Presence;
  /** Sound, and for public keys. */
  readonly file?: AgeFile;
}

/** @throws IntegrityError when it is damaged, UnavailableError when it cannot be read */
async function stateOf(
  root: string,
  path: string,
  identities: readonly AgeIdentity[],
  keys: Unlocking,
): Promise<EntryState> {
  const bytes = readEntry(root, path);
  if (bytes === undefined) return { presence: "absent" };
  const name = entryFile(root, path);
  const file = parseAge(bytes);
  if ("why" in file) throw damaged(name, file.why);
  const isForPassphrase = file.kinds.includes(scryptType);
  const passphrase = isForPassphrase ? keys.passphraseAtHand() : undefined;
  // Nobody is asked for one.
  if (isForPassphrase && passphrase === undefined) return { presence: "unknown" };
  const mine = await isForOneOf(file, passphrase === undefined ? identities : [passphrase]);
  if (typeof mine !== "boolean") throw damaged(name, mine.why);
  return { presence: mine ? "present" : "unreadable", ...(isForPassphrase ? {} : { file }) };
}
