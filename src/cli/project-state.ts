import { describePlace } from "../runtime/project-place.js";
import type { ProjectUse } from "../runtime/project-place.js";
import type { ProjectUses } from "../runtime/project-uses.js";
import type { CheckReport } from "../resolution/check.js";
import { parseTemplate } from "../templates/required-names.js";
import type { Configuration } from "./session.js";
import { readTemplate } from "./template.js";

const shownPlaces = 4;

/** One name that a project needs: its template lists it, or a file refers to it. */
export interface RequiredName {
  readonly name: string;
  /** Its line in the template; `undefined` when it is only referred to. */
  readonly line: number | undefined;
  /** What the template says about it. */
  readonly comments: readonly string[];
  readonly uses: readonly ProjectUse[];
  /** Whether the configuration says where its value is. */
  readonly hasRef: boolean;
}

/** What a project needs, as its files say. */
export interface ProjectNeeds {
  readonly required: readonly RequiredName[];
  readonly scanned: ProjectUses;
}

/**
 * - `set`: a store has a value; - `missing`: none; - `unconfigured`: no ref, so nowhere to look;
 * - `unknown`: its store could not be asked.
 */
export type NameState = "set" | "missing" | "unconfigured" | "unknown";

/**
 * The names a project needs: those of the template in its order, then those its files refer to in theirs.
 *
 * @throws UnavailableError when the template cannot be read
 */
export async function projectNeeds(configuration: Configuration): Promise<ProjectNeeds> {
  const { baseDirectory, config } = configuration;
  const { findProjectUses } = await import("../runtime/project-uses.js");
  const scanned = await findProjectUses(baseDirectory, config.templates);
  const uses = new Map<string, ProjectUse[]>();
  for (const use of scanned.uses) {
    const places = uses.get(use.name);
    if (places === undefined) uses.set(use.name, [use]);
    else places.push(use);
  }
  const required = new Map<string, RequiredName>();
  for (const { name, line, comments } of parseTemplate(readTemplate(configuration) ?? "")) {
    if (name === undefined || required.has(name)) continue;
    required.set(name, { name, line, comments, uses: uses.get(name) ?? [], hasRef: config.refs.has(name) });
  }
  for (const [name, places] of uses) {
    if (required.has(name)) continue;
    required.set(name, { name, line: undefined, comments: [], uses: places, hasRef: config.refs.has(name) });
  }
  return { required: [...required.values()], scanned };
}

/** The first few places where a secret is used, for a person: `llm.api_keys.openai in formation.afs:4`. */
export function describePlaces(uses: readonly ProjectUse[]): readonly string[] {
  const places = uses.slice(0, shownPlaces).map(describePlace);
  return uses.length > shownPlaces ? [...places, `${uses.length - shownPlaces} more`] : places;
}

/** Whether a name has a value, as a report of the stores says. */
export function stateOf(name: string, report: Pick<CheckReport, "refs">): NameState {
  const ref = report.refs.find((each) => each.name === name);
  return ref === undefined ? "unconfigured" : states[ref.presence];
}

/** What no key here opens is there all the same. */
const states = { present: "set", unreadable: "set", absent: "missing", unknown: "unknown" } as const;

/** Configured names that nothing in the project asks for. Empty where nothing in it says what it needs. */
export function unusedNames({ config }: Pick<Configuration, "config">, { required }: ProjectNeeds): readonly string[] {
  if (required.length === 0) return [];
  const needed = new Set(required.map(({ name }) => name));
  return [...config.refs.values()]
    .filter(({ name, usedBy = [] }) => !needed.has(name) && usedBy.length === 0)
    .map(({ name }) => name);
}
