import { textFault, textOf } from "./format.js";
import type { ExportFormat } from "./format.js";

/** Names that YAML 1.1 takes for something else than text. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** One YAML mapping of double-quoted strings, which YAML 1.1 and 1.2 read alike. */
export const yamlFormat: ExportFormat = {
  name: "yaml",
  summary: "one YAML mapping of strings, the same in YAML 1.1 and 1.2",
  isEnvironment: false,
  takes: [],
  fault: textFault,
  write: (entries) => {
    if (entries.length === 0) return Buffer.from("{}\n");
    return Buffer.from(entries.map((entry) => `${yamlKey(entry.variable)}: ${yamlString(textOf(entry))}\n`).join(""));
  },
};

function yamlKey(name: string): string {
  return words.test(name) ? yamlString(name) : name;
}

/**
 * A text as a double-quoted scalar on one line: JSON, and as escapes also what YAML does not let stand as it is or takes
 * for a line break (YAML 1.2.2, 5.1 and 5.4; YAML 1.1, 4.2).
 */
export function yamlString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
