import { checkTemplate } from "../delivery/needed.js";
import type { CheckedNeed, TemplateOptions } from "../delivery/needed.js";
import { formatProblem } from "../domain/problem.js";
import { describeUse } from "../templates/template.js";
import type { Arguments } from "./arguments.js";
import { requireSession } from "./session.js";
import { say, writeJson, writeLines } from "./terminal.js";

/**
 * Says what a template needs and whether the caller may have it. No store is touched.
 *
 * @returns 0 when every secret is allowed, else the exit code that rendering would have
 */
export async function checkTemplateFile(args: Arguments, text: string, options: TemplateOptions): Promise<number> {
  const { api, identity } = await requireSession(args);
  const { secrets, warnings, error } = await checkTemplate(text, {
    ...options,
    api,
    identity,
    reason: args.option("reason"),
  });
  if (args.flag("json")) {
    writeJson({
      ok: error === undefined,
      file: options.file,
      format: options.format,
      secrets: secrets.map(({ name, uses, configured, decision }) => ({
        name,
        configured,
        verdict: decision?.verdict ?? "unknown",
        rule: decision?.rule,
        reasons: decision?.reasons,
        uses: uses.map(({ line, column, path }) => ({ line, column, path })),
      })),
      problems: error?.problems ?? [],
      warnings,
    });
    return error?.exitCode ?? 0;
  }
  writeLines(secrets.flatMap((secret) => lines(secret, options.file ?? "")));
  for (const problem of [...(error?.problems ?? []), ...warnings]) say(`mxm-secrets: ${formatProblem(problem)}`);
  if (error?.hint !== undefined) say(`  ${error.hint}`);
  return error?.exitCode ?? 0;
}

function lines({ name, uses, decision }: CheckedNeed, file: string): readonly string[] {
  const verdict = (decision?.verdict ?? "unknown").padEnd(7);
  const rule = decision === undefined ? "not configured" : decision.rule;
  return [`${verdict} ${name}  (${rule})`, ...uses.map((use) => `          ${describeUse(use, file)}`)];
}
