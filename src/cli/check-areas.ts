import type { Finding } from "../backends/contract.js";
import type { CheckReport } from "../resolution/check.js";
import type { CheckedRef } from "../resolution/check-ref.js";
import { isSecretsError } from "../errors.js";
import type { ProjectUses } from "../runtime/project-uses.js";
import { checkAuditLog } from "./audit-findings.js";
import { describePlaces, projectNeeds, stateOf, unusedNames } from "./project-state.js";
import type { ProjectNeeds } from "./project-state.js";
import { rotationFindings } from "./rotation-findings.js";
import type { Configuration } from "./session.js";
import { readTemplate, templateFindings, templateName } from "./template.js";

/** What one line of `check` is about, and what is wrong with it. */
export interface CheckSection {
  readonly title: string;
  readonly findings: readonly Finding[];
  /** Nothing is known of it. */
  readonly isUnknown?: boolean;
}

/** What the areas look at. */
export interface CheckSubject {
  readonly configuration: Configuration;
  readonly report: CheckReport;
  readonly needs: ProjectNeeds;
}

/** One thing that `check` looks at: lines for a person, and the same as data under a key of the JSON. */
export interface CheckArea {
  readonly key: string;
  readonly look: (subject: CheckSubject) => Promise<CheckAnswer> | CheckAnswer;
}

/** `data` is left out of the JSON when there is none. */
export interface CheckAnswer {
  readonly data: unknown;
  readonly sections: readonly CheckSection[];
}

/** Everything `check` looks at, in the order of its lines. */
export const checkAreas: readonly CheckArea[] = [
  {
    key: "stores",
    look: ({ report }) => ({
      data: report.stores,
      sections: report.stores.map(({ name, backend, enforcement, findings }) => ({
        title: `store ${name} (${backend}, enforcement ${enforcement})`,
        findings,
      })),
    }),
  },
  {
    key: "refs",
    look: ({ report, needs }) => {
      const refs = report.refs.map((ref) => ({ ...ref, findings: withUses(ref, needs) }));
      return {
        data: refs,
        sections: refs.map(({ name, store, policy, presence, findings }) => ({
          title: `${name} in ${store} under ${policy}: ${presence}`,
          findings,
          isUnknown: presence === "unknown",
        })),
      };
    },
  },
  {
    key: "audit",
    look: async ({ configuration }) => {
      const log = await checkAuditLog(configuration);
      return { data: log, sections: log === undefined ? [] : [{ title: `audit ${log.path}`, findings: log.findings }] };
    },
  },
  {
    key: "rotation",
    look: async ({ configuration }) => {
      const findings = await rotationFindings(configuration.config, configuration.openApi);
      return { data: findings, sections: findings.length === 0 ? [] : [{ title: "rotation", findings }] };
    },
  },
  {
    key: "template",
    look: ({ configuration, needs }) => {
      const findings = templateFindings(configuration, (name) => describePlaces(usesOf(name, needs)));
      return { data: findings, sections: findings.length === 0 ? [] : [{ title: "template", findings }] };
    },
  },
  { key: "project", look: lookAtProject },
];

/** What the project's files need; a template that cannot be read is the business of its own area. */
export async function needsOf(configuration: Configuration): Promise<ProjectNeeds> {
  try {
    return await projectNeeds(configuration);
  } catch (thrown) {
    if (!isSecretsError(thrown)) throw thrown;
    return { required: [], scanned: { files: 0, uses: [], findings: [] } };
  }
}

function lookAtProject({ configuration, report, needs }: CheckSubject): CheckAnswer {
  const { required, scanned } = needs;
  const unused = unusedNames(configuration, needs);
  const findings = [
    ...scanned.findings,
    ...required.flatMap(({ name, line, uses }): readonly Finding[] => {
      if (line !== undefined || stateOf(name, report) !== "unconfigured") return [];
      const message = `${name} is used and not configured: ${describePlaces(uses).join(", ")}`;
      return [{ severity: "problem", message, hint: "mxm-secrets setup" }];
    }),
    ...unlisted(configuration, needs),
    ...unusedFindings(unused),
  ];
  const data = {
    files: scanned.files,
    required: required.map(({ name, line, uses }) => ({ name, state: stateOf(name, report), line, uses })),
    unused,
    findings,
  };
  const isQuiet = findings.length === 0 && scanned.uses.length === 0;
  return { data, sections: isQuiet ? [] : [{ title: titleOf(scanned), findings }] };
}

function titleOf({ files, uses }: ProjectUses): string {
  if (uses.length === 0) return "project";
  const names = new Set(uses.map(({ name }) => name)).size;
  return `project: ${names} ${names === 1 ? "name" : "names"} used in ${files} ${files === 1 ? "file" : "files"}`;
}

/** One line for all: a configuration that several projects share has many. */
function unusedFindings(names: readonly string[]): readonly Finding[] {
  if (names.length === 0) return [];
  const shown = names.length > 10 ? [...names.slice(0, 10), `${names.length - 10} more`] : names;
  return [
    {
      severity: "warning",
      message: `nothing here uses ${shown.join(", ")}`,
      hint: "say in `used_by` of the ref who does, or remove it with `mxm-secrets rm`",
    },
  ];
}

/** Names that files use and a template of this project does not list. */
function unlisted(configuration: Configuration, { required }: ProjectNeeds): readonly Finding[] {
  const names = required.filter(({ line }) => line === undefined).map(({ name }) => name);
  if (names.length === 0 || readTemplate(configuration) === undefined) return [];
  const message = `the template \`${templateName}\` does not list ${names.join(", ")}`;
  return [{ severity: "warning", message, hint: "mxm-secrets sync" }];
}

/** Who looks for a value that is not there wants to know what waits for it. */
function withUses({ name, presence, findings }: CheckedRef, needs: ProjectNeeds): readonly Finding[] {
  const places = describePlaces(usesOf(name, needs));
  if (presence !== "absent" || places.length === 0) return findings;
  return findings.map((finding) =>
    finding.code === "absent" ? { ...finding, message: `${finding.message}; used by ${places.join(", ")}` } : finding,
  );
}

function usesOf(name: string, { scanned }: ProjectNeeds): ProjectUses["uses"] {
  return scanned.uses.filter((use) => use.name === name);
}
