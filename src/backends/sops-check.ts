import { isSecretsError, quote } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { keyNames } from "../sops/metadata.js";
import { addressOf } from "../sops/open-document.js";
import { openStoredFile } from "../sops/file.js";
import type { ParsedFile } from "../sops/file.js";
import { compileSelector } from "../sops/selectors.js";
import { parseStore, toolsOf } from "../sops/store.js";
import type { SopsStore } from "../sops/store.js";
import type { BackendCall, Finding, Presence, StoreReport } from "./contract.js";

/**
 * Readiness of one SOPS file, without any value: whether it can be parsed, whether a key here opens it, whether its MAC
 * is right, and what its rules leave unencrypted.
 */
export async function checkSops(store: SopsStore, paths: readonly string[], call: BackendCall): Promise<StoreReport> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  try {
    const parsed = await parseStore(store);
    call.trace?.(`${quote(store.file)} is encrypted for ${keyNames(parsed.metadata).map(quote).join(", ")}`);
    for (const path of paths) presence.set(path, presenceIn(parsed, path, findings));
    findings.push(...(await unencrypted(parsed, store, paths)));
    await openStoredFile(parsed, await toolsOf(store, call.signal), store.file);
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

/** Values that are readable without a key: those asked about, and in strict mode all. */
async function unencrypted(
  { document, metadata }: ParsedFile,
  { file, strict }: SopsStore,
  paths: readonly string[],
): Promise<readonly Finding[]> {
  const isEncrypted = await compileSelector(metadata.selector);
  const asked = new Set(paths);
  const readable = document.leaves.filter(
    (leaf) => leaf.kind === "value" && leaf.scalar.type !== "null" && !isEncrypted(leaf),
  );
  const unsigned = metadata.macOnlyEncrypted ? ", and anybody can change it unseen" : "";
  return readable.flatMap((leaf): readonly Finding[] => {
    const address = addressOf(leaf.path);
    if (!strict && !asked.has(address)) return [];
    const message = `${quote(file)} line ${leaf.line}: ${quote(address)} is not encrypted${unsigned}`;
    const hint = `the file's rules leave it readable: \`${metadata.selector.name}: ${metadata.selector.text}\``;
    return [{ severity: "warning", message, hint }];
  });
}

function findingOf(error: AnySecretsError): Finding {
  const { message, hint } = error;
  const finding = { severity: "problem", message, ...(hint === undefined ? {} : { hint }) } as const;
  if (error.code === "unavailable") return { ...finding, code: error.code, unavailable: error.reason };
  const { code } = error;
  return code === "locked" || code === "integrity" ? { ...finding, code } : { ...finding, code: "configuration" };
}
