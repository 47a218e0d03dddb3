import { isSecretsError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import { checkForNobody, checkProject, reportAnswers } from "../check-report.js";
import type { KeyedAnswer } from "../check-report.js";
import { machineAreas } from "../doctor/machine.js";
import { projectAreas } from "../doctor/project.js";
import { doctorSubject } from "../doctor/subject.js";
import type { DoctorSubject } from "../doctor/subject.js";

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
  answers.push(...(await lookInside(subject)));
  return reportAnswers(answers, args.flag("json"));
}

/** Opens no store for a configuration that would run something untrusted. */
async function lookInside({ args, configuration, isTrusted }: DoctorSubject): Promise<readonly KeyedAnswer[]> {
  if (configuration === undefined) return [];
  if (!isTrusted) {
    const title = "stores: not looked at, because the configuration is not trusted";
    return [{ key: "stores", data: undefined, sections: [{ title, findings: [], isUnknown: true }] }];
  }
  try {
    return await checkProject(args, configuration);
  } catch (thrown) {
    // What is wrong with who asks was said of the identity.
    if (!isSecretsError(thrown)) throw thrown;
    return checkForNobody(configuration);
  }
}
