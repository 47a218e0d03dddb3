import { isSecretsError } from "../errors.js";
import type { UnavailableReason } from "../errors.js";
import { nobodyAsked } from "./chain-read.js";
import type { Chain } from "./chain-read.js";
import type { BackendCall, Finding, OpenedStore, Presence, StoreReport } from "./contract.js";
import { findingOf } from "./finding.js";
import { guard } from "./read-all.js";

/**
 * What the members say about themselves and the paths of a chain, each finding with the member it is of. Where a path is
 * present is told as a reader would find out: by the first member that is not passed over and does not say that it is absent.
 */
export async function checkMembers(
  chain: Chain,
  paths: readonly string[],
  call: BackendCall,
  policies: ReadonlyMap<string, string>,
): Promise<StoreReport> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>();
  const leftOut: { readonly message: string; readonly reason: UnavailableReason }[] = [];
  for (const member of chain.members) {
    const held = paths.filter((path) => member.definition.paths.fault(path) === undefined);
    const report = await reportOf(member, held, call, policies);
    const reported = report.findings.map((finding) => ({ store: member.name, ...finding }));
    const isLeftOut = ({ unavailable }: Finding): boolean => unavailable !== undefined && chain.passesOver(unavailable);
    findings.push(...reported.map((one) => (isLeftOut(one) ? { ...one, severity: "warning" as const } : one)));
    const missing = report.findings.find((finding) => finding.severity === "problem" && isLeftOut(finding));
    if (missing !== undefined) {
      leftOut.push({ message: missing.message, reason: missing.unavailable ?? "unreachable" });
      continue;
    }
    for (const path of held) {
      if ((presence.get(path) ?? "absent") === "absent") presence.set(path, report.presence.get(path) ?? "unknown");
    }
  }
  if (leftOut.length === chain.members.length) findings.push(findingOf(nobodyAsked(chain.name, leftOut)));
  return { findings, presence: new Map(paths.map((path) => [path, presence.get(path) ?? "unknown"])) };
}

async function reportOf(
  member: OpenedStore,
  paths: readonly string[],
  call: BackendCall,
  policies: ReadonlyMap<string, string>,
): Promise<StoreReport> {
  const { backend } = member;
  const unknown = new Map(paths.map((path) => [path, "unknown" as const]));
  try {
    if (backend.check !== undefined)
      return await guard(member, async () => backend.check?.(paths, call, policies) ?? none);
    if (backend.list === undefined) return { findings: [], presence: unknown };
    const listed = new Set(await guard(member, async () => backend.list?.(call) ?? []));
    return { findings: [], presence: new Map(paths.map((path) => [path, listed.has(path) ? "present" : "absent"])) };
  } catch (error) {
    if (!isSecretsError(error) || error.code === "cancelled") throw error;
    return { findings: [findingOf(error)], presence: unknown };
  }
}

const none: StoreReport = { findings: [], presence: new Map() };
