import type * as Yaml from "yaml";
import type { Document } from "yaml";
import { syntaxMessage } from "../domain/yaml-messages.js";
import { placer, referencesIn } from "./grammar.js";
import type { TemplateRemark } from "./template.js";

/** What is said of data whose levels are more than a parser can follow. */
export const tooDeep = "the data is nested too deeply";

/**
 * The documents of a YAML text, read with the schema in which every scalar is a string: what the others are is not touched
 * and does not matter.
 */
export function parseDocuments(
  yaml: typeof Yaml,
  text: string,
): readonly Document[] | { readonly faults: readonly TemplateRemark[] } {
  let documents: ReturnType<typeof yaml.parseAllDocuments>;
  try {
    documents = yaml.parseAllDocuments(text, {
      // The library's own check takes time in the square of the number of keys.
      uniqueKeys: false,
      prettyErrors: false,
      merge: false,
      schema: "failsafe",
      logLevel: "error",
    });
  } catch (thrown) {
    if (thrown instanceof RangeError) return { faults: [{ message: tooDeep, line: 1 }] };
    throw thrown;
  }
  if ("empty" in documents) return [];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length === 0) return documents;
  const [first] = errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  // One fault leads to others.
  return { faults: first === undefined ? [] : [faultOf(text, first)] };
}

function faultOf(text: string, { code, message, pos: [at] }: Yaml.YAMLError): TemplateRemark {
  const { line } = placer(text)(at);
  if (message.includes("call stack")) return { message: tooDeep, line };
  const isInReference = referencesIn(text).some(({ start, end }) => start <= at && at <= end);
  if (isInReference) return { message: "not valid YAML: inside brackets or braces, put the reference in quotes", line };
  return { message: syntaxMessage(code), line };
}
