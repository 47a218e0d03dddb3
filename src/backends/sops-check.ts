import { isSecretsError, quote } from "../errors.js";
import { keyNames } from "../sops/metadata.js";
import { addressOf } from "../sops/open-document.js";
import { valueFinder } from "../sops/find-value.js";
import { openStoredFile } from "../sops/file.js";
import type { ParsedFile } from "../sops/file.js";
import { compileSelector } from "../sops/selectors.js";
import { doubtAbout, parseStore, toolsOf } from "../sops/store.js";
import type { SopsStore } from "../sops/store.js";
import type { BackendCall, BackendContext, Finding, Presence, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";
import { fileDrift } from "./sops-check-recipients.js";

/**
 * Readiness of one SOPS file, without any value: whether it can be parsed, whether a key here opens it, whether its MAC
 * is right, what its rules leave unencrypted, and whether it is encrypted for whom the policies of the paths say.
 */
export async function checkSops(
  store: SopsStore,
  paths: readonly string[],
  {
    policies,
    keyholdersFor,
  }: { readonly policies: ReadonlyMap<string, string> } & Pick<BackendContext, "keyholdersFor">,
  call: BackendCall,
): Promise<StoreReport> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  try {
    const parsed = await parseStore(store);
    call.trace?.(`${quote(store.file)} is encrypted for ${keyNames(parsed.metadata).map(quote).join(", ")}`);
    for (const path of paths) presence.set(path, presenceIn(parsed, path, findings));
    findings.push(...(await unvouched(parsed, store, paths)));
    for (const policy of new Set(paths.map((path) => policies.get(path)))) {
      const keyholders = policy === undefined ? undefined : keyholdersFor(policy);
      if (policy === undefined || keyholders === undefined) continue;
      findings.push(...fileDrift(parsed.metadata, store.file, policy, keyholders));
    }
    const opened = await openStoredFile(parsed, await toolsOf(store, call.signal), store.file);
    const find = valueFinder(opened, store.file);
    for (const path of paths) if (presence.get(path) !== "unknown") find(path);
  } catch (error) {
    if (!isSecretsError(error) || error.code === "cancelled") throw error;
    findings.push(findingOf(error));
    const isUnreadable = error.code === "locked" || error.code === "unsupported";
    for (const [path, found] of presence) {
      if (found === "present") presence.set(path, isUnreadable ? "unreadable" : "unknown");
    }
  }
  return { findings, presence };
}

function presenceIn({ document }: ParsedFile, path: string, findings: Finding[]): Presence {
  try {
    const { leaf } = document.locate(path);
    return leaf === undefined || leaf.scalar.type === "null" ? "absent" : "present";
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    findings.push(findingOf(error));
    return "unknown";
  }
}

/** Values that are readable without a key, of those asked about; in strict mode all that SOPS does not vouch for. */
async function unvouched(
  { document, metadata }: ParsedFile,
  { file, strict }: SopsStore,
  paths: readonly string[],
): Promise<readonly Finding[]> {
  const isEncrypted = await compileSelector(metadata.selector, file);
  const asked = new Set(paths);
  return document.leaves.flatMap((leaf): readonly Finding[] => {
    if (leaf.kind === "comment" || leaf.scalar.type === "null") return [];
    const address = addressOf(leaf.path);
    const doubt = strict || asked.has(address) ? doubtAbout(leaf, isEncrypted) : undefined;
    if (doubt === undefined || (!strict && isEncrypted(leaf))) return [];
    const { name, text } = metadata.selector;
    const hint = isEncrypted(leaf)
      ? "the store is `strict`: keep the value in a map"
      : `everybody who has the file can read it, by its rule \`${name}: ${text}\``;
    return [{ severity: "warning", message: `${quote(file)} line ${leaf.line}: ${quote(address)} ${doubt}`, hint }];
  });
}
