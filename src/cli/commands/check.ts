import type { Arguments } from "../arguments.js";
import { checkProject, reportAnswers } from "../check-report.js";
import { requireConfiguration } from "../session.js";

/** `check`: readiness without a value. @returns 0 when all is well, else 7 */
export async function run(args: Arguments): Promise<number> {
  return reportAnswers(await checkProject(args, await requireConfiguration(args)), args.flag("json"));
}
