import { quote } from "../errors.js";
import { listEntries, readSettings, requireRightProgram } from "../gopass/client.js";
import type { GopassProgram } from "../gopass/client.js";
import { gpgOf } from "../gopass/keyring.js";
import { fileRecipients, locateEntry } from "../gopass/recipients.js";
import { listSecretKeys } from "../gpg/keyring.js";
import { parseAddress } from "../password-store/address.js";
import { attempt } from "./attempt.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";
import { noSecretKey } from "./finding.js";

/** The oldest gopass whose behaviour this backend was written for. */
const oldestVersion = [1, 15] as const;

/**
 * Readiness of a gopass store, without decrypting anything: the program and its version, whether the store is
 * initialised, and of each path whether it is there and encrypted for a key of this machine.
 */
export async function checkGopass(
  gopass: GopassProgram,
  prefix: string,
  paths: readonly string[],
  call: BackendCall,
): Promise<StoreReport> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const asked = await attempt(async () => {
    const version = await requireRightProgram(gopass, call.signal);
    if (isOlder(version)) {
      findings.push({
        severity: "warning",
        message: `gopass ${version} is older than ${oldestVersion.join(".")}`,
        hint: "install a newer one from www.gopass.pw; 1.16 is tested",
      });
    }
    const entries = new Set(await listEntries(gopass, call.signal));
    const settings = await readSettings(gopass, call.signal);
    const keys = await listSecretKeys(gpgOf(gopass), [], call.signal);
    if (keys.size === 0) findings.push(noSecretKey);
    for (const path of paths) {
      const entry = prefix + parseAddress(path).entry;
      presence.set(path, entries.has(entry) ? presenceOf(entry, settings, keys, findings) : "absent");
    }
  });
  if ("finding" in asked) findings.push(asked.finding);
  return { findings, presence };
}

function presenceOf(
  entry: string,
  settings: ReadonlyMap<string, string>,
  keys: ReadonlySet<string>,
  findings: Finding[],
): Presence {
  const location = locateEntry(settings, entry);
  const recipients = location === undefined ? ({ kind: "unknown" } as const) : fileRecipients(location);
  if (recipients.kind === "plain") {
    findings.push({ severity: "problem", code: "integrity", message: `the file of ${quote(entry)} is not encrypted` });
  }
  if (recipients.kind !== "encrypted" || recipients.hidden) return "unknown";
  return recipients.keyIds.some((keyId) => keys.has(keyId)) ? "present" : "unreadable";
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
}
