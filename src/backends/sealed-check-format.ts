import { isSecretsError } from "../errors.js";
import type { Identity } from "../sealed/identity.js";
import { isOlderFile } from "../sealed/older-format.js";
import type { BackendCall, BackendContext, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";
import type { SealedLocation } from "./sealed.js";
import { keyFileFindings } from "./sealed-check-key.js";
import { checkStore } from "./sealed-check.js";

/** The state of a store in whichever format it is, without any value: never throws for an unhealthy one. */
export async function checkEitherFormat(
  location: SealedLocation,
  context: BackendContext,
  { paths, policies }: { readonly paths: readonly string[]; readonly policies: ReadonlyMap<string, string> },
  call: BackendCall,
): Promise<StoreReport> {
  const identities = async (): Promise<readonly Identity[]> => await location.identities(call);
  const { keyholdersFor, keyholders } = context;
  const report = isOlder(location.place.file)
    ? await checkOlderStore(location, context, paths, call)
    : await checkStore(location.place, identities, { paths, policies, keyholdersFor, keyholders });
  return { ...report, findings: [...report.findings, ...keyFileFindings(location)] };
}

/** What is no regular file is for the check of the sealed format to name. */
function isOlder(file: string): boolean {
  try {
    return isOlderFile(file);
  } catch {
    return false;
  }
}

/** The names in it are encrypted too, so that it has to be opened. */
async function checkOlderStore(
  location: SealedLocation,
  context: BackendContext,
  paths: readonly string[],
  call: BackendCall,
): Promise<StoreReport> {
  const [{ openOlderStore }, { checkOlder, olderFinding }] = await Promise.all([
    import("./sealed-older.js"),
    import("./sealed-older-check.js"),
  ]);
  try {
    const { document } = await openOlderStore(location, call);
    return checkOlder(document, paths, context.pathsIn?.(location.place.name ?? "") ?? []);
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    return { findings: [olderFinding, findingOf(error)], presence: new Map(paths.map((path) => [path, "unknown"])) };
  }
}
