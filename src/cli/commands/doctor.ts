import type { Arguments } from "../arguments.js";
import { checkProject, reportAnswers } from "../check-report.js";
import type { KeyedAnswer } from "../check-report.js";
import { machineAreas } from "../doctor/machine.js";
import { projectAreas } from "../doctor/project.js";
import { doctorSubject } from "../doctor/subject.js";

/**
 * `doctor`: everything a command rests on here, from the program itself to what `check` looks at, without a value. What is
 * wrong keeps nothing else from being looked at.
 *
 * @returns 0 when there is no problem, else 7
 */
export async function run(args: Arguments): Promise<number> {
  const subject = await doctorSubject(args);
  const answers: KeyedAnswer[] = [];
  for (const { key, look } of [...machineAreas, ...projectAreas]) answers.push({ key, ...(await look(subject)) });
  const { configuration } = subject;
  const isBlocked = answers.some(({ key, sections }) => key === "configuration" && hasFindings(sections));
  if (configuration !== undefined && !isBlocked) answers.push(...(await checkProject(args, configuration)));
  return reportAnswers(answers, args.flag("json"));
}

function hasFindings(sections: KeyedAnswer["sections"]): boolean {
  return sections.some(({ findings }) => findings.length > 0);
}
