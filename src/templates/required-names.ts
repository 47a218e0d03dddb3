import { canonicalSecretName, environmentName } from "../domain/names.js";

/** One line of a template of names that is neither blank nor a comment. */
export interface TemplateLine {
  /** From 1. */
  readonly line: number;
  /** In its canonical form; `undefined` when the line is not `NAME=`. */
  readonly name: string | undefined;
  /** Something stands behind the `=`. It is committed, so that it should be no secret; it is never repeated. */
  readonly hasValue: boolean;
  /** The comment lines directly above it, without their `#`, and without those {@link addNames} wrote. */
  readonly comments: readonly string[];
}

const assignment = /^([ \t]*)([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/;
/** How a comment begins that {@link addNames} writes, and {@link removeNames} takes away again. */
const ownComment = "# used by ";

/** Reads a template of names: `NAME=` lines, `#` comments, blank lines. */
export function parseTemplate(text: string): readonly TemplateLine[] {
  const lines: TemplateLine[] = [];
  let comments: string[] = [];
  for (const [index, content] of linesOf(text).entries()) {
    const comment = /^\s*#+ ?(.*)$/.exec(content)?.[1];
    if (comment !== undefined) comments = content.startsWith(ownComment) ? comments : [...comments, comment.trimEnd()];
    else if (content.trim() !== "") lines.push({ line: index + 1, ...readLine(content), comments });
    if (comment === undefined) comments = [];
  }
  return lines;
}

/** The text with a line for each name at its end, below a comment that says what uses it; every other byte stays. */
export function addNames(text: string, names: ReadonlyMap<string, readonly string[]>): string {
  if (names.size === 0) return text;
  const eol = /\r\n[^\n]*$/.test(text) ? "\r\n" : "\n";
  const gap = text === "" || text.endsWith("\n") ? "" : eol;
  // A comment at the end is not one about the names that are added.
  const apart = /(?:^|\n)[ \t]*#[^\n]*\n?$/.test(text) ? eol : "";
  const added = [...names].flatMap(([name, users]) => [
    ...users.map((user) => `${ownComment}${user}${eol}`),
    `${environmentName(name)}=${eol}`,
  ]);
  return text + gap + apart + added.join("");
}

/** The text without the lines of some names, and without what {@link addNames} wrote above them; every other byte stays. */
export function removeNames(text: string, names: ReadonlySet<string>): string {
  const kept: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const { name } = readLine(contentOf(line));
    if (name === undefined || !names.has(name)) {
      kept.push(line);
      continue;
    }
    while (kept.at(-1)?.startsWith(ownComment) === true) kept.pop();
    // A byte order mark belongs to the file.
    if (line.startsWith("\uFEFF")) kept.push("\uFEFF");
  }
  return kept.join("");
}

/** The text with one name written anew wherever it is required; every other byte stays. */
export function renameIn(text: string, from: string, to: string): string {
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const written = assignment.exec(contentOf(line))?.[2] ?? "";
      return nameOf(written) === from ? line.replace(written, () => environmentName(to)) : line;
    })
    .join("");
}

function readLine(content: string): Pick<TemplateLine, "name" | "hasValue"> {
  const [, , written = "", value = ""] = assignment.exec(content) ?? [];
  return { name: nameOf(written), hasValue: value.trim() !== "" };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").map(contentOf);
}

/** A line without its end and without a byte order mark. */
function contentOf(line: string): string {
  return line.replace(/^\uFEFF/, "").replace(/\r?\n?$/, "");
}

function nameOf(written: string): string | undefined {
  try {
    return canonicalSecretName(written);
  } catch {
    return undefined;
  }
}
