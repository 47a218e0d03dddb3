import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../backends/contract.js";
import { readBounded } from "../files/bounded.js";
import { formatOf, openTemplate } from "../templates/formats.js";
import { piecesOf } from "../templates/grammar.js";
import { usesOf } from "../templates/template.js";
import type { TemplateRemark, TemplateUse } from "../templates/template.js";
import { listProjectFiles, unreadable } from "./project-files.js";
import type { ProjectUse } from "./project-place.js";

/** What a project's files say of secrets. */
export interface ProjectUses {
  /** How many files were looked at. */
  readonly files: number;
  /** In the order of the files, and of their text. */
  readonly uses: readonly ProjectUse[];
  readonly findings: readonly Finding[];
}

const maximumBytes = 4 * 1024 * 1024;
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Looks for references to secrets in all files of a project; what cannot be looked at is a finding. */
export async function findProjectUses(directory: string, patterns: readonly string[] = []): Promise<ProjectUses> {
  const { files, findings } = listProjectFiles(directory, patterns);
  const found: Finding[] = [...findings];
  const uses: ProjectUse[] = [];
  for (const file of files) {
    const text = readText(join(directory, file), file, found);
    // Most files have none, and are not worth parsing.
    if (text?.includes("${{") !== true) continue;
    const read = await readUses(text, file);
    found.push(...read.findings);
    uses.push(...read.uses);
  }
  return { files: files.length, uses, findings: found };
}

async function readUses(
  text: string,
  file: string,
): Promise<{ readonly uses: readonly ProjectUse[]; readonly findings: readonly Finding[] }> {
  const template = await openTemplate(text, formatOf(file));
  const isUnreadable = template.uses.length === 0 && template.faults.length > 0 && formatOf(file) !== "text";
  const { uses, faults } = isUnreadable ? outsideOfComments(text) : template;
  const findings = [
    ...(isUnreadable && !isSame(faults, template.faults) ? [byLineOnly(template.faults[0], file)] : []),
    ...faults.map((fault) => remark(fault, "problem", file)),
    ...template.warnings.map((warning) => remark(warning, "warning", file)),
  ];
  return { uses: uses.map((use) => placeIn(file, use)), findings };
}

/** A file that is not in its format still says by line what it needs. */
function byLineOnly(fault: TemplateRemark | undefined, file: string): Finding {
  const { message, line } = fault ?? { message: "not in its format", line: 1 };
  return { severity: "warning", message: `${file}:${line}: ${message}; its references are known by line only` };
}

/** The references of a text whose comments begin with `#`. */
function outsideOfComments(text: string): ReturnType<typeof usesOf> {
  const lines = text.split("\n");
  return usesOf(piecesOf(text).filter(({ line }) => !/^\s*#/.test(lines[line - 1] ?? "")));
}

/** Whether the faults of the format are those of the references in it: then it is in its format. */
function isSame(some: readonly TemplateRemark[], others: readonly TemplateRemark[]): boolean {
  const known = new Set(some.map(signOf));
  return others.every((other) => known.has(signOf(other)));
}

function signOf({ line, message }: TemplateRemark): string {
  return `${line} ${message}`;
}

function placeIn(file: string, { name, line, path }: TemplateUse): ProjectUse {
  return { name, file, line, ...(path === undefined ? {} : { path }) };
}

function remark({ message, line }: TemplateRemark, severity: Finding["severity"], file: string): Finding {
  return { severity, message: `${file}:${line}: ${message}` };
}

/** By its byte order mark. What some shells of Windows write holds no reference that could be seen. */
function isUtf16(bytes: Buffer): boolean {
  return bytes.length > 1 && (bytes.readUInt16LE() === 0xfeff || bytes.readUInt16BE() === 0xfeff);
}

/** @returns `undefined`, and a finding, for a file that cannot be looked at; nothing for one that is gone */
function readText(path: string, file: string, findings: Finding[]): string | undefined {
  try {
    const descriptor = openSync(path, openFlags);
    try {
      const bytes = readBounded(descriptor, maximumBytes, fstatSync(descriptor).size);
      if (bytes !== undefined && !isUtf16(bytes)) return bytes.toString("utf8");
      const reason = bytes === undefined ? "longer than 4 MiB" : "UTF-16, not UTF-8,";
      findings.push({ severity: "problem", message: `${file} is ${reason} and was not looked at` });
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    findings.push(unreadable(file, thrown));
  }
  return undefined;
}
