import { join } from "node:path";
import type { Finding } from "../backends/contract.js";
import { canonicalSecretName, environmentName } from "../domain/names.js";
import { isSecretsError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { readRegular } from "../files/open-regular.js";
import { regularFile } from "./regular-file.js";
import type { Configuration } from "./session.js";

/** The file beside the configuration that lists the names a project needs: `NAME=` lines and `#` comments, no values. */
export const templateName = "secrets";

const maximumBytes = 1024 * 1024;
const templateLine = /^([ \t]*)([A-Za-z_][A-Za-z0-9_]*)[ \t]*=.*$/gm;

interface TemplateLine {
  readonly line: number;
  /** `undefined` when the line is neither blank, a comment nor `NAME=`. */
  readonly name: string | undefined;
  readonly hasValue: boolean;
}

/** The names the template requires, in its order; `undefined` without a template. */
export function requiredNames({ baseDirectory }: Pick<Configuration, "baseDirectory">): readonly string[] | undefined {
  const text = readTemplate(baseDirectory);
  return text === undefined ? undefined : parseTemplate(text).flatMap(({ name }) => name ?? []);
}

/** Writes a required name anew where the template requires it; every other byte stays. */
export function renameRequired(
  { baseDirectory }: Pick<Configuration, "baseDirectory">,
  from: string,
  to: string,
): void {
  const before = readTemplate(baseDirectory);
  if (before === undefined) return;
  const after = before.replace(templateLine, (line, start: string, name: string) =>
    nameOf(name) === from ? line.replace(start + name, () => start + environmentName(to)) : line,
  );
  if (after === before) return;
  const file = join(baseDirectory, templateName);
  writeFileAtomically(file, after, { mode: (regularFile(file)?.mode ?? 0o644) & 0o777 });
}

/** What `check` says about the template: faulty lines, values that do not belong there, names no ref has. */
export function templateFindings(configuration: Configuration): readonly Finding[] {
  const { baseDirectory, config } = configuration;
  try {
    return parseTemplate(readTemplate(baseDirectory) ?? "").flatMap((line) => findingsOf(line, config.refs));
  } catch (thrown) {
    if (!isSecretsError(thrown)) throw thrown;
    return [{ severity: "problem", message: thrown.message }];
  }
}

function findingsOf({ line, name, hasValue }: TemplateLine, refs: ReadonlyMap<string, unknown>): readonly Finding[] {
  const place = `${templateName}:${line}`;
  if (name === undefined) return [{ severity: "problem", message: `${place}: expected NAME= or a comment` }];
  const findings: Finding[] = [];
  if (hasValue) {
    const message = `${place}: ${name} has a value; this file is committed and holds names only`;
    findings.push({ severity: "warning", message, hint: "if it is a real value, change it at its source" });
  }
  if (!refs.has(name)) {
    findings.push({
      severity: "problem",
      message: `${place}: ${name} is required and not configured`,
      hint: `mxm-secrets set ${name}`,
    });
  }
  return findings;
}

function parseTemplate(text: string): readonly TemplateLine[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    if (/^\s*(#|$)/.test(content)) return [];
    const [, name, value = ""] = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(content) ?? [];
    return { line: index + 1, name: nameOf(name), hasValue: value.trim() !== "" };
  });
}

function nameOf(written: string | undefined): string | undefined {
  try {
    return written === undefined ? undefined : canonicalSecretName(written);
  } catch {
    return undefined;
  }
}

function readTemplate(baseDirectory: string): string | undefined {
  return readRegular(join(baseDirectory, templateName), maximumBytes);
}
