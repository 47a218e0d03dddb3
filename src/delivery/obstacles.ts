import { AbsentError, AccessDeniedError, gravest, InvalidInputError, UnknownNameError } from "../errors.js";
import type { AnySecretsError, Problem } from "../errors.js";
import { formatProblem } from "../domain/problem.js";
import type { Template, TemplateRemark, TemplateUse } from "../templates/template.js";

/** One reason against rendering, at one place of the template. */
export interface Obstacle {
  readonly error: AbsentError | AccessDeniedError | InvalidInputError | UnknownNameError;
  readonly at: TemplateRemark;
}

/** What is malformed in a template. */
export function faultsOf(template: Template): readonly Obstacle[] {
  return template.faults.map((at) => ({ error: new InvalidInputError(at.message), at }));
}

/** An obstacle at every use of a secret. */
export function everywhere(uses: readonly TemplateUse[], error: Obstacle["error"]): readonly Obstacle[] {
  return uses.map((use) => ({ error, at: { ...use, message: error.message } }));
}

/**
 * One error for all obstacles: the gravest, with every place among its `problems`.
 *
 * @param file - the template's name. Default: `template`
 * @returns `undefined` for none
 */
export function errorOf(obstacles: readonly Obstacle[], file: string | undefined): AnySecretsError | undefined {
  const worst = gravest(obstacles.map(({ error }) => error));
  if (worst === undefined) return undefined;
  const ordered = obstacles.toSorted((one, other) => one.at.line - other.at.line || columnOf(one) - columnOf(other));
  const problems = ordered.map(({ error, at }) => {
    const suggestion = error.code === "unknown_name" ? error.suggestion : undefined;
    return { ...problemAt(at, file), ...(suggestion === undefined ? {} : { suggestion }) };
  });
  return rebuilt(worst, problems);
}

function columnOf({ at }: Obstacle): number {
  return at.column ?? 0;
}

/** A remark as a problem of the template's file. In data the path says more than a column. */
export function problemAt({ message, line, column, path }: TemplateRemark, file: string | undefined): Problem {
  const at = column === undefined || path !== undefined ? {} : { column };
  return { path: path ?? [], message, file: file ?? "template", line, ...at };
}

/** An error of the same class and hint that names every problem. */
function rebuilt(worst: Obstacle["error"], problems: readonly Problem[]): AnySecretsError {
  const message = problems.map(formatProblem).join("; ");
  const details = { problems, ...(worst.hint === undefined ? {} : { hint: worst.hint }) };
  if (worst.code === "denied") {
    return new AccessDeniedError(message, {
      ...details,
      ...(worst.decision === undefined ? {} : { decision: worst.decision }),
    });
  }
  if (worst.code === "unknown_name") {
    const { suggestion } = worst;
    return new UnknownNameError(message, suggestion === undefined ? details : { problems, suggestion });
  }
  return worst.code === "absent" ? new AbsentError(message, details) : new InvalidInputError(message, details);
}
