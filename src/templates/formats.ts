import { InvalidInputError } from "../errors.js";
import type { EscapeName } from "./escape.js";
import type { Template } from "./template.js";

interface Format {
  /** Ends of file names, lower case. */
  readonly extensions: readonly string[];
  readonly open: (text: string, escape: EscapeName | undefined) => Template | Promise<Template>;
}

/** The kinds of templates. A file with another extension is text. */
export const formats = {
  text: {
    extensions: [],
    open: async (text, escape) => (await import("./text-template.js")).openText(text, escape),
  },
  yaml: {
    extensions: [".yaml", ".yml", ".afs"],
    open: async (text) => (await import("./yaml-template.js")).openYaml(text),
  },
  json: {
    extensions: [".json"],
    open: async (text) => (await import("./json-template.js")).openJson(text),
  },
} as const satisfies Readonly<Record<string, Format>>;

export type TemplateFormat = keyof typeof formats;

/** @returns `undefined` when there is no such format */
export function formatNamed(name: string): TemplateFormat | undefined {
  return Object.keys(formats).find((known): known is TemplateFormat => known === name);
}

/** The format of a file by its name: `formation.afs` is YAML, `nginx.conf` is text. */
export function formatOf(file: string): TemplateFormat {
  const name = file.toLowerCase();
  const found = Object.entries<Format>(formats).find(([, { extensions }]) =>
    extensions.some((end) => name.endsWith(end)),
  );
  return (found === undefined ? undefined : formatNamed(found[0])) ?? "text";
}

/**
 * Reads a template. Its references, and what is wrong with them, are in the answer.
 *
 * @throws InvalidInputError for an escape with a format that needs none
 */
export async function openTemplate(text: string, format: TemplateFormat, escape?: EscapeName): Promise<Template> {
  if (escape !== undefined && format !== "text") {
    throw new InvalidInputError(`an escape is for text; a template that is ${format} needs none`, {
      hint: "leave `--escape` out, or add `--format text`",
    });
  }
  return formats[format].open(text, escape);
}
