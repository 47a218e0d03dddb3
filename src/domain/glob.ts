import { hasControlCharacter } from "./names.js";

const maximumLength = 512;
const maximumAlternatives = 64;

/** A pattern for paths of files, ready to be matched. */
export interface Glob {
  /** Whether a path relative to the same directory, `/`-separated, is meant. */
  readonly matches: (path: string) => boolean;
  /** The directory that all it can match is below, `/`-separated; empty for the one the pattern is relative to. */
  readonly base: string;
}

/**
 * What is wrong with a pattern, or `undefined` when nothing is. A pattern is a relative, `/`-separated path in which `*`
 * stands for any characters of one segment, `?` for one of them, `{a,b}` for one of several texts, and a segment `**`
 * for any number of segments. As in a shell, a wildcard does not match a leading dot.
 */
export function globFault(pattern: string): string | undefined {
  if (pattern === "") return "expected a pattern that is not empty";
  if (pattern.length > maximumLength) return `expected at most ${maximumLength} characters`;
  if (hasControlCharacter(pattern)) return "expected no control characters";
  if (/[\\[\]!]/.test(pattern)) return "expected `*`, `**`, `?` and `{a,b}` only; `[`, `!` and `\\` mean nothing here";
  if (/\{[^}]*(?:\{|$)|^[^{]*\}|\}[^{]*\}/.test(pattern))
    return "expected each `{` closed by a `}`, none within another";
  const alternatives = expand(pattern);
  if (alternatives === undefined) return `expected at most ${maximumAlternatives} alternatives in all`;
  for (const segments of alternatives.map((each) => each.split("/"))) {
    if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
      return "expected a relative path without empty, `.` and `..` segments";
    }
    if (segments.some((segment) => segment !== "**" && segment.includes("**"))) {
      return "expected `**` to be a segment of its own";
    }
  }
  return undefined;
}

/** @param pattern - one that {@link globFault} finds nothing wrong with */
export function parseGlob(pattern: string): Glob {
  const alternatives = (expand(pattern) ?? []).map((each) => each.split("/"));
  const fixed = pattern.split("/").slice(0, -1);
  const wild = fixed.findIndex((segment) => /[*?{}]/.test(segment));
  return {
    base: fixed.slice(0, wild === -1 ? fixed.length : wild).join("/"),
    matches: (path) => {
      const names = path.split("/");
      return alternatives.some((segments) => matchesAll(names, segments, isAnySegments, matchesName));
    },
  };
}

/** The pattern once for each choice of its alternatives; `undefined` when there are too many. */
function expand(pattern: string): readonly string[] | undefined {
  let expanded = [""];
  for (const part of pattern.split(/(\{[^}]*\})/)) {
    const choices = part.startsWith("{") ? part.slice(1, -1).split(",") : [part];
    if (expanded.length * choices.length > maximumAlternatives) return undefined;
    expanded = expanded.flatMap((start) => choices.map((choice) => start + choice));
  }
  return expanded;
}

function isAnySegments(segment: string): boolean {
  return segment === "**";
}

function matchesName(name: string, segment: string): boolean {
  // A wildcard is never the leading dot; `**` as a whole asks here what it may pass over.
  if (name.startsWith(".") && !segment.startsWith(".")) return false;
  return segment === "**" || matchesAll(charactersOf(name), charactersOf(segment), isAnyCharacters, matchesCharacter);
}

/** By code points: `?` is one of them. */
function charactersOf(text: string): readonly string[] {
  return Array.from(text);
}

function isAnyCharacters(character: string): boolean {
  return character === "*";
}

function matchesCharacter(character: string, wanted: string): boolean {
  return wanted === "?" || wanted === "*" || wanted === character;
}

/**
 * Matches items against wanted ones, some of which stand for any number of items that match them. Only the last such one
 * is ever tried again, so that the time is at most the product of both lengths.
 */
function matchesAll(
  items: readonly string[],
  wanted: readonly string[],
  isAny: (wanted: string) => boolean,
  matches: (item: string, wanted: string) => boolean,
): boolean {
  let [at, next] = [0, 0];
  let retry: { next: number; at: number } | undefined;
  while (at < items.length) {
    const item = items[at] ?? "";
    const want = wanted[next];
    if (want !== undefined && isAny(want)) {
      retry = { next: ++next, at };
    } else if (want !== undefined && matches(item, want)) {
      at++;
      next++;
    } else if (retry !== undefined && matches(items[retry.at] ?? "", wanted[retry.next - 1] ?? "")) {
      at = ++retry.at;
      next = retry.next;
    } else {
      return false;
    }
  }
  return wanted.slice(next).every(isAny);
}
