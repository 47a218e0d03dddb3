import type { Finding } from "../../backends/contract.js";
import { formatProblem } from "../../domain/problem.js";
import { isSecretsError } from "../../errors.js";
import type { Arguments } from "../arguments.js";
import type { CheckAnswer } from "../check-areas.js";
import { openConfiguration } from "../session.js";
import type { Configuration } from "../session.js";

/** What the areas of `doctor` look at. */
export interface DoctorSubject {
  readonly args: Arguments;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `undefined` when there is none, or it is faulty. */
  readonly configuration: Configuration | undefined;
  /** What is wrong with the configuration, or with the trust in it. */
  readonly faults: readonly Finding[];
  /** Whether its stores may be opened. */
  readonly isTrusted: boolean;
}

/** One thing `doctor` looks at besides what is in the stores. */
export interface DoctorArea {
  readonly key: string;
  readonly look: (subject: DoctorSubject) => Promise<CheckAnswer> | CheckAnswer;
}

/** A configuration that cannot be opened is what `doctor` is asked about: it is no error here. */
export async function doctorSubject(args: Arguments): Promise<DoctorSubject> {
  const common = { args, environment: process.env };
  let configuration: Configuration | undefined;
  try {
    configuration = await openConfiguration(args);
    configuration?.requireTrust();
    return { ...common, configuration, faults: [], isTrusted: true };
  } catch (thrown) {
    return { ...common, configuration, faults: findingsOf(thrown, "problem"), isTrusted: false };
  }
}

/** An error as findings, one for each of its problems. @throws what is no error of ours */
export function findingsOf(thrown: unknown, severity: Finding["severity"]): readonly Finding[] {
  if (!isSecretsError(thrown)) throw thrown;
  const { message, problems } = thrown;
  const hint = thrown.hint === undefined ? {} : { hint: thrown.hint };
  if (problems.length === 0) return [{ severity, message, ...hint }];
  const last = problems.length - 1;
  return problems.map((problem, index) => ({
    severity,
    message: formatProblem(problem),
    ...(index === last ? hint : {}),
  }));
}

/** What went wrong in doing something, as findings; none when nothing did. */
export async function faultsOf(severity: Finding["severity"], work: () => unknown): Promise<readonly Finding[]> {
  try {
    await work();
    return [];
  } catch (thrown) {
    return findingsOf(thrown, severity);
  }
}
