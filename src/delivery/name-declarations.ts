import type { SecretRef } from "../domain/ref.js";

/** What a declaration says of one secret. */
type DeclaredName = Pick<SecretRef, "name" | "description">;

const header = [
  "// Made by `mxm-secrets types` from the configuration, and made anew by it: changes here are lost.",
  'import "mxm-secrets";',
  "",
  'declare module "mxm-secrets" {',
  "  interface SecretNames {",
];
const footer = ["  }", "}", ""];

/** The TypeScript declarations of these names, sorted; the same bytes for the same names and descriptions. */
export function declareNames(refs: Iterable<DeclaredName>): string {
  const sorted = [...refs].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.flatMap(({ name, description }) => [
    ...(description === undefined ? [] : documented(description)),
    `    ${name}: string;`,
  ]);
  return [...header, ...lines, ...footer].join("\n");
}

/**
 * The names a file declares. Whatever is read here is written again as the same bytes.
 *
 * @returns `undefined` for a text that {@link declareNames} did not write, or that somebody changed since
 */
export function declaredNames(text: string): readonly DeclaredName[] | undefined {
  // A checkout on Windows may have other line ends.
  const given = text.replaceAll("\r\n", "\n");
  const names: { name: string; description?: string }[] = [];
  for (const [, description, name = ""] of given.matchAll(
    /^(?: {4}\/\*\* (.*) \*\/\n)? {4}([a-z][a-z0-9_]*): string;$/gm,
  ))
    names.push({ name, ...(description === undefined ? {} : { description }) });
  return declareNames(names) === given ? names : undefined;
}

/** A description is somebody's text: it may not end the comment, nor break its line. */
function documented(description: string): readonly string[] {
  const line = description
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replaceAll("*/", "*∕")
    .trim();
  return line === "" ? [] : [`    /** ${line} */`];
}
