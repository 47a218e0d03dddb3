import type { Finding } from "../backends/contract.js";
import type { CheckReport } from "../resolution/check.js";
import { isIdentityKnown } from "../runtime/identity.js";
import type { Arguments } from "./arguments.js";
import { checkAreas, needsOf } from "./check-areas.js";
import type { CheckAnswer, CheckSection } from "./check-areas.js";
import { identityInputs } from "./own-identity.js";
import { requireSession } from "./session.js";
import type { Configuration } from "./session.js";
import { writeJson, writeLines } from "./terminal.js";

/** What one area says, under its key of the JSON. */
export type KeyedAnswer = CheckAnswer & { readonly key: string };

/**
 * Looks at all areas of a project, without a value.
 *
 * @throws what is wrong with who asks, when that is known
 */
export async function checkProject(args: Arguments, configuration: Configuration): Promise<readonly KeyedAnswer[]> {
  return checkAreasWith(await checkAs(args, configuration), configuration);
}

/** The same for nobody: whether a key here opens a value is then no problem of anyone's. */
export async function checkForNobody(configuration: Configuration): Promise<readonly KeyedAnswer[]> {
  return checkAreasWith(await configuration.openApi().check(), configuration);
}

async function checkAreasWith(report: CheckReport, configuration: Configuration): Promise<readonly KeyedAnswer[]> {
  const subject = { configuration, report, needs: await needsOf(configuration) };
  const answers: KeyedAnswer[] = [];
  for (const { key, look } of checkAreas) answers.push({ key, ...(await look(subject)) });
  return answers;
}

/** Writes what was found, as lines or as JSON. @returns 0 when all is well, else 7 */
export function reportAnswers(answers: readonly KeyedAnswer[], asJson: boolean): number {
  const sections = answers.flatMap((answer) => answer.sections);
  const ok = !sections.some(({ findings }) => findings.some(isProblem));
  if (asJson) writeJson({ ok, ...Object.fromEntries(answers.map(({ key, data }) => [key, data])) });
  else writeLines(sections.flatMap(linesOf));
  return ok ? 0 : 7;
}

/** Where it is known who asks, a secret that the policy gives and no key here opens is a problem. */
async function checkAs(args: Arguments, configuration: Configuration): Promise<CheckReport> {
  if (!isIdentityKnown(identityInputs(args, configuration))) return configuration.openApi().check();
  const { api, identity } = await requireSession(args);
  return api.check({ identity });
}

function linesOf({ title, findings, isUnknown = false }: CheckSection): readonly string[] {
  return [`${isUnknown ? "unknown" : mark(findings)} ${title}`, ...findings.flatMap(describe)];
}

function mark(findings: readonly Finding[]): string {
  if (findings.some(isProblem)) return "problem";
  return findings.length > 0 ? "warning" : "ok     ";
}

function isProblem({ severity }: Finding): boolean {
  return severity === "problem";
}

function describe({ severity, message, hint }: Finding): readonly string[] {
  return [`        ${severity}: ${message}`, ...(hint === undefined ? [] : [`          ${hint}`])];
}
