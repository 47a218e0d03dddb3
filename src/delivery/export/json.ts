import { textFault, textOf } from "./format.js";
import type { ExportFormat } from "./format.js";

/** One JSON object of strings (RFC 8259). */
export const jsonFormat: ExportFormat = {
  name: "json",
  summary: "one JSON object of strings",
  isEnvironment: false,
  takes: [],
  fault: textFault,
  write: (entries) => {
    const values = Object.fromEntries(entries.map((entry) => [entry.variable, textOf(entry)]));
    return Buffer.from(`${JSON.stringify(values, undefined, 2)}\n`);
  },
};
