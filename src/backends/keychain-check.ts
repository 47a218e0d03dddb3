import { isSecretsError } from "../errors.js";
import { hasEntries, openKeychain } from "../keychain/client.js";
import type { Keychain } from "../keychain/ask.js";
import { attempt } from "./attempt.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";

/** Whether the keychain answers, and which paths it holds. Asks for no value, and may make the system ask to unlock it. */
export async function checkKeychain(
  keychain: Keychain,
  paths: readonly string[],
  call: BackendCall,
): Promise<StoreReport> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  const asked = await attempt(async () => {
    if (paths.length === 0) await openKeychain(keychain, call.signal);
    let pending = paths;
    while (pending.length > 0) {
      const { held, failure } = await hasEntries(keychain, pending, call.signal);
      for (const [index, isHeld] of held.entries()) presence.set(pending[index] ?? "", isHeld ? "present" : "absent");
      if (isSecretsError(failure)) findings.push(findingOf(failure));
      // Only what is wrong with one entry says nothing about the others.
      pending = failure?.code === "integrity" ? pending.slice(held.length + 1) : [];
    }
  });
  if ("finding" in asked) findings.push(asked.finding);
  return { findings, presence };
}
