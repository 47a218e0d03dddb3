import { isUtf8 } from "node:buffer";
import { closeSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../backends/contract.js";
import { isSecretsError, quote, UnavailableError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { readBounded } from "../files/bounded.js";
import { openRegular } from "../files/open-regular.js";
import { parseTemplate, renameIn } from "../templates/required-names.js";
import type { TemplateLine } from "../templates/required-names.js";
import { regularFile } from "./regular-file.js";
import type { Configuration } from "./session.js";

/** The file beside the configuration that lists the names a project needs: `NAME=` lines and `#` comments, no values. */
export const templateName = "secrets";

const maximumBytes = 1024 * 1024;

type Place = Pick<Configuration, "baseDirectory">;

/**
 * The text of the template; `undefined` when there is none.
 *
 * @throws UnavailableError when it cannot be read, or is no UTF-8 text, and could not be written back as it was
 */
export function readTemplate({ baseDirectory }: Place): string | undefined {
  const file = join(baseDirectory, templateName);
  const descriptor = openRegular(file);
  if (descriptor === undefined) return undefined;
  try {
    const bytes = readBounded(descriptor, maximumBytes);
    if (bytes === undefined) throw new UnavailableError(`${quote(file)} is longer than ${maximumBytes} bytes`);
    if (!isUtf8(bytes)) throw new UnavailableError(`${quote(file)} is no UTF-8 text`);
    return bytes.toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** Replaces the template, with the mode of the old one. @throws InvalidInputError when it is a symbolic link */
export function writeTemplate({ baseDirectory }: Place, text: string): void {
  const file = join(baseDirectory, templateName);
  const mode = regularFile(file)?.mode ?? 0o644 & ~process.umask();
  writeFileAtomically(file, text, { mode: mode & 0o777 });
}

/** Writes a required name anew where the template requires it; every other byte stays. */
export function renameRequired(place: Place, from: string, to: string): void {
  const before = readTemplate(place);
  if (before === undefined) return;
  const after = renameIn(before, from, to);
  if (after !== before) writeTemplate(place, after);
}

/**
 * What `check` says about the template: faulty lines, values that do not belong there, names no ref has.
 *
 * @param usersOf - where a name is used
 */
export function templateFindings(
  configuration: Configuration,
  usersOf: (name: string) => readonly string[],
): readonly Finding[] {
  try {
    const lines = parseTemplate(readTemplate(configuration) ?? "");
    return lines.flatMap((line) => findingsOf(line, configuration.config.refs, usersOf));
  } catch (thrown) {
    if (!isSecretsError(thrown)) throw thrown;
    return [{ severity: "problem", message: thrown.message }];
  }
}

/** Lines of the template that name nothing: what was meant there is not required. */
export function faultyLines(configuration: Configuration): readonly Finding[] {
  return parseTemplate(readTemplate(configuration) ?? "").flatMap(({ line, name }) =>
    name === undefined ? [faultyLine(line)] : [],
  );
}

function faultyLine(line: number): Finding {
  return { severity: "problem", message: `${templateName}:${line}: expected NAME= or a comment` };
}

function findingsOf(
  { line, name, hasValue }: TemplateLine,
  refs: ReadonlyMap<string, unknown>,
  usersOf: (name: string) => readonly string[],
): readonly Finding[] {
  const place = `${templateName}:${line}`;
  if (name === undefined) return [faultyLine(line)];
  const findings: Finding[] = [];
  if (hasValue) findings.push(valueWarning(line, name));
  if (!refs.has(name)) {
    const users = usersOf(name);
    const used = users.length === 0 ? "" : `; used by ${users.join(", ")}`;
    findings.push({
      severity: "problem",
      message: `${place}: ${name} is required and not configured${used}`,
      hint: `mxm-secrets set ${name}`,
    });
  }
  return findings;
}

/** A dummy value is harmless, and nobody can see from outside that it is one. */
export function valueWarning(line: number, name: string): Finding {
  return {
    severity: "warning",
    message: `${templateName}:${line}: ${name} has a value; this file is committed and holds names only`,
    hint: "if it is a real value, change it at its source",
  };
}
