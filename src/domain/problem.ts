import type { Problem } from "../errors.js";
import { quote, singleLine } from "../errors.js";

/**
 * One problem as a line: `refs.databento_api_key.store: expected a string`, with `FILE:LINE: ` or `FILE:LINE:COLUMN: `
 * before it when the data came from a file, and ``; did you mean `red`?`` after it when there is a word near enough.
 */
export function formatProblem(problem: Problem): string {
  const place =
    problem.file === undefined
      ? ""
      : `${singleLine(problem.file)}${formatNumber(problem.line)}${formatNumber(problem.column)}: `;
  const path = formatPath(problem.path);
  const suggestion = problem.suggestion === undefined ? "" : `; did you mean ${quote(problem.suggestion)}?`;
  return `${place}${path === "" ? "" : `${path}: `}${singleLine(problem.message)}${suggestion}`;
}

/** A path in the data as people write it: `principals[0].role`, `refs["odd name"]`; empty for the whole data. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (!/^[\w-]+$/.test(key))
      text += `[${singleLine(JSON.stringify(key.length > 80 ? `${key.slice(0, 77)}…` : key))}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}

function formatNumber(number: number | undefined): string {
  return number === undefined ? "" : `:${number}`;
}
