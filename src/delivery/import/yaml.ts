import { InvalidInputError } from "../../errors.js";
import type { Problem } from "../../errors.js";
import { parseYaml } from "../../runtime/parse-yaml.js";
import { isDataMap } from "../../runtime/merge.js";
import { noObject, notText, notUnicode } from "./values.js";
import type { ImportedValue, ImportFormat } from "./values.js";

/** One YAML mapping of strings, in the core schema of YAML 1.2. */
export const yamlImport: ImportFormat = {
  name: "yaml",
  files: /\.ya?ml$/i,
  read: async (bytes, file) => {
    const { data, problems: faults, locate } = await parseYaml(bytes, file);
    if (faults.length > 0) return { values: [], problems: faults, remarks: [] };
    if (data === null) return { values: [], problems: [], remarks: [] };
    if (!isDataMap(data)) throw noObject(file, 1);
    const values: ImportedValue[] = [];
    const problems: Problem[] = [];
    for (const [written, value] of Object.entries(data)) {
      const { line } = locate([written]);
      if (typeof value !== "string") problems.push(notText(file, line, written, kindOf(value)));
      else if (!value.isWellFormed()) problems.push(notUnicode(file, line, written));
      else values.push({ written, value, line });
    }
    return { values, problems, remarks: [] };
  },
};

function kindOf(value: unknown): "mapping" | "list" | "boolean" | "null" | "number" {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "mapping";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  throw new InvalidInputError("expected YAML data");
}
