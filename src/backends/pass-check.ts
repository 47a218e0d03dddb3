import { isSecretsError, quote } from "../errors.js";
import { requireMessage } from "../gpg/decrypt.js";
import { listSecretKeys } from "../gpg/keyring.js";
import { parseFileRecipients } from "../gpg/openpgp.js";
import { driftOf, folderKeys } from "../pass/drift.js";
import type { FolderKeys } from "../pass/drift.js";
import { readEntry, realRoot } from "../pass/files.js";
import type { PassStore } from "../pass/store.js";
import { parseAddress } from "../password-store/address.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";

const noKey: Finding = {
  severity: "problem",
  code: "locked",
  message: "gpg holds no secret key for this user",
  hint: "make one with `gpg --full-generate-key` and have it added to the store's recipients, or import it",
};
const encryptAnew = "encrypt the folder anew for its recipients: `pass init --path=FOLDER KEY KEY` with all of them";

/**
 * Readiness of a store, without decrypting anything: whether it and gpg are there, and of each path whether it is there,
 * encrypted for a key of this machine, and for the recipients of its folder and nobody else.
 */
export async function checkPass(store: PassStore, paths: readonly string[], call: BackendCall): Promise<StoreReport> {
  const findings = new Map<string, Finding>();
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const add = (finding: Finding): unknown => findings.set(finding.message, finding);
  const attempt = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isSecretsError(error) || error.code === "cancelled") throw error;
      add(findingOf(error));
      return undefined;
    }
  };

  await attempt(async () => {
    const real = realRoot(store.root);
    const secret = await listSecretKeys(store.gpg, [], call.signal);
    if (secret.size === 0) add(noKey);
    const keysFor = folderKeys(store, real, call.signal);
    await attempt(async () => reportMissing(await keysFor("any"), add));
    for (const path of new Set(paths)) {
      const { entry } = parseAddress(path);
      const keyIds = await attempt(() => keyIdsOf(real, entry));
      if (keyIds === undefined) continue;
      if (keyIds === "absent" || keyIds === "hidden") {
        presence.set(path, keyIds === "absent" ? "absent" : "unknown");
        continue;
      }
      presence.set(path, keyIds.some((keyId) => secret.has(keyId)) ? "present" : "unreadable");
      await attempt(async () => {
        const folder = await keysFor(entry);
        reportMissing(folder, add);
        for (const message of driftOf(entry, keyIds, folder)) add({ severity: "warning", message, hint: encryptAnew });
      });
    }
  });
  return { findings: [...findings.values()], presence };
}

/** The key ids an entry is encrypted for; `hidden` when it does not tell all of them. */
function keyIdsOf(real: string, entry: string): readonly string[] | "absent" | "hidden" {
  const bytes = readEntry(real, entry);
  if (bytes === undefined) return "absent";
  const message = requireMessage(bytes, { value: quote(entry), file: `the file of ${quote(entry)}` });
  const recipients = parseFileRecipients(message);
  return recipients.kind === "encrypted" && !recipients.hidden ? recipients.keyIds : "hidden";
}

function reportMissing({ place, recipients }: FolderKeys, add: (finding: Finding) => unknown): void {
  for (const { id, keys } of recipients) {
    if (keys.length > 0) continue;
    add({
      severity: "warning",
      message: `the public key of ${quote(id)}, a recipient of ${place}, is not in this key ring`,
      hint: "nothing can be written there without it: import it with `gpg --import`",
    });
  }
}
