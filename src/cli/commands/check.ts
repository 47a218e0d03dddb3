import type { Finding } from "../../backends/contract.js";
import type { Arguments } from "../arguments.js";
import { checkAuditLog } from "../audit-findings.js";
import { identityFields } from "../../domain/identity.js";
import type { CheckReport } from "../../resolution/check.js";
import { isIdentityKnown } from "../../runtime/identity.js";
import { rotationFindings } from "../rotation-findings.js";
import { requireConfiguration, requireSession } from "../session.js";
import type { Configuration } from "../session.js";
import { writeJson, writeLines } from "../terminal.js";
import { templateFindings } from "../template.js";

/** `check`: readiness without a value. @returns 0 when all is well, else 7 */
export async function run(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const report = await checkAs(args, configuration);
  const template = templateFindings(configuration);
  const rotation = await rotationFindings(configuration.config, configuration.openApi);
  const audit = await checkAuditLog(configuration);
  const ok = report.ok && ![...template, ...(audit?.findings ?? [])].some(({ severity }) => severity === "problem");
  if (args.flag("json")) {
    writeJson({ ...report, ok, template, rotation, audit });
    return ok ? 0 : 7;
  }
  const lines = [
    ...report.stores.flatMap((store) => [
      `${mark(store.findings)} store ${store.name} (${store.backend}, enforcement ${store.enforcement})`,
      ...store.findings.flatMap(describe),
    ]),
    ...report.refs.flatMap((ref) => [
      `${ref.presence === "unknown" ? "unknown" : mark(ref.findings)} ${ref.name} in ${ref.store} under ${ref.policy}: ${ref.presence}`,
      ...ref.findings.flatMap(describe),
    ]),
    ...(audit === undefined
      ? []
      : [`${mark(audit.findings)} audit ${audit.path}`, ...audit.findings.flatMap(describe)]),
    ...(rotation.length === 0 ? [] : [`${mark(rotation)} rotation`, ...rotation.flatMap(describe)]),
    ...(template.length === 0 ? [] : [`${mark(template)} template`, ...template.flatMap(describe)]),
  ];
  writeLines(lines);
  return ok ? 0 : 7;
}

/** Where it is known who asks, a secret that the policy gives and no key here opens is a problem. */
async function checkAs(args: Arguments, configuration: Configuration): Promise<CheckReport> {
  const flags = Object.fromEntries(identityFields.map((field) => [field, args.option(field)]));
  const inputs = { flags, environment: process.env, configured: configuration.config.identity };
  if (!isIdentityKnown(inputs)) return configuration.openApi().check();
  const { api, identity } = await requireSession(args);
  return api.check({ identity });
}

function mark(findings: readonly Finding[]): string {
  if (findings.some(({ severity }) => severity === "problem")) return "problem";
  return findings.length > 0 ? "warning" : "ok     ";
}

function describe({ severity, message, hint }: Finding): readonly string[] {
  return [`        ${severity}: ${message}`, ...(hint === undefined ? [] : [`          ${hint}`])];
}
