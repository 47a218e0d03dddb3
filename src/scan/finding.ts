import type { Sighting } from "./inspector.js";

/** A sighting and where it was. */
export interface Finding extends Sighting {
  /** For a person: relative to the working directory; in history and the index, to the top of the repository. */
  readonly file: string;
  /** The first commit that has it, in history. */
  readonly commit?: string;
}

/** What was seen in a file, with its place. */
export function findingsIn(sightings: readonly Sighting[], file: string, commit?: string): readonly Finding[] {
  return sightings.map((sighting) => ({ ...sighting, file, ...(commit === undefined ? {} : { commit }) }));
}

/** A file that could not be read, so that nobody can say what it holds. */
export interface Unread {
  readonly file: string;
  readonly reason: string;
}

const shownCommitLength = 12;

/** One line for a person: `COMMIT:FILE:LINE: NAME (form)`. */
export function describeFinding({ commit, file, line, name, form }: Finding): string {
  const place = [...(commit === undefined ? [] : [commit.slice(0, shownCommitLength)]), file];
  return `${[...place, ...(line === 0 ? [] : [line])].join(":")}: ${name} (${form})`;
}

/** Findings by file, line and name. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      compare(a.file, b.file) || a.line - b.line || compare(a.name, b.name) || compare(a.commit ?? "", b.commit ?? ""),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
