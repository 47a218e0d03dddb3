import { quote } from "../errors.js";
import { requireMessage } from "../gpg/decrypt.js";
import { listSecretKeys } from "../gpg/keyring.js";
import { parseFileRecipients } from "../gpg/openpgp.js";
import { driftOf, folderKeys, isRecipient } from "../pass/drift.js";
import type { FolderKeys } from "../pass/drift.js";
import { readEntry, realRoot } from "../pass/files.js";
import { hints } from "../pass/read.js";
import type { PassStore } from "../pass/store.js";
import { parseAddress } from "../password-store/address.js";
import { attempt } from "./attempt.js";
import type { BackendCall, BackendContext, Finding, Presence, StoreReport } from "./contract.js";
import { noSecretKey } from "./finding.js";
import { recipientDrift } from "./recipient-drift.js";
import type { RecipientList } from "./recipient-drift.js";

const noRecipients: Finding = {
  severity: "warning",
  message: "no `.gpg-id` says who may read what is written to the store: nothing can be written",
  hint: "run `pass init KEY` with the keys of its readers",
};
const encryptAnew = "encrypt the folder anew for its recipients: `pass init --path=FOLDER KEY KEY` with all of them";

/**
 * Readiness of a store, without decrypting anything: whether it and gpg are there, and of each path whether it is there,
 * encrypted for a key of this machine, and for the recipients of its folder and nobody else; and whether those are the
 * keyholders that may read it.
 */
export async function checkPass(
  store: PassStore,
  context: BackendContext,
  paths: readonly string[],
  policies: ReadonlyMap<string, string>,
  call: BackendCall,
): Promise<StoreReport> {
  const findings = new Map<string, Finding>();
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const add = (finding: Finding): unknown => findings.set(finding.message, finding);
  const tried = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    const outcome = await attempt(work);
    if ("value" in outcome) return outcome.value;
    add(outcome.finding);
    return undefined;
  };

  await tried(async () => {
    const real = realRoot(store.root);
    const secret = await listSecretKeys(store.gpg, [], call.signal);
    if (secret.size === 0) add(noSecretKey);
    const keysFor = folderKeys(store, real, call.signal);
    const report = (folder: FolderKeys | undefined): void => {
      if (folder === undefined) add(noRecipients);
      else reportMissing(folder, add);
    };
    if (paths.length === 0) await tried(async () => report(await keysFor("any entry")));
    for (const path of new Set(paths)) {
      const { entry } = parseAddress(path);
      const keyIds = (await tried(() => keyIdsOf(real, entry))) ?? "hidden";
      if (keyIds === "absent") presence.set(path, "absent");
      const isTold = keyIds !== "absent" && keyIds !== "hidden";
      if (isTold) presence.set(path, keyIds.some((keyId) => secret.has(keyId)) ? "present" : "unreadable");
      await tried(async () => {
        const folder = await keysFor(entry);
        report(folder);
        if (folder === undefined) return;
        const policy = policies.get(path);
        if (policy !== undefined) recipientDrift(listedIn(folder), policy, context).forEach(add);
        if (!isTold) return;
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
  const message = requireMessage(bytes, { value: quote(entry), file: `the file of ${quote(entry)}` }, hints);
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

/** The recipients of a folder, to be compared with the keyholders by their GPG fingerprints. */
function listedIn({ place, recipients }: FolderKeys): RecipientList {
  return {
    place: `the \`.gpg-id\` of ${place}`,
    // One that is not known is not called a stranger, and may be anybody: its key is missing, which is reported.
    recipients: recipients.map((recipient) => ({
      name: recipient.id,
      isKeyOf: ({ gpg }) => gpg !== undefined && isRecipient(recipient, gpg) !== false,
    })),
    hasKey: ({ gpg }) => gpg !== undefined,
    hints: {
      add: "add its key there, `pass init --path=FOLDER KEY KEY` with all of them, or take it out of the configuration",
      remove:
        "take it out there, `pass init --path=FOLDER KEY KEY` with the others, or name it as a keyholder that may",
    },
  };
}
