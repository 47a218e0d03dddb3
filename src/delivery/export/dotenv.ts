import { textFault, textOf, variableFault } from "./format.js";
import type { ExportEntry, ExportFormat } from "./format.js";

/** One way to write a value, and who reads it as it was. */
interface Quoting {
  readonly holds: (value: string) => boolean;
  readonly write: (value: string) => string;
  /** Whether a shell that sources the file reads the same. */
  readonly shellReads: (value: string) => boolean;
  /** Whether `node:util` parseEnv and the `dotenv` package read the same. */
  readonly othersRead: boolean;
}

const carriageReturn = "\r";

/** Holds every text, with escapes, on which readers disagree. */
const escaping: Quoting = {
  holds: () => true,
  write: (value) => `"${value.replace(/["\\$]/g, "\\$&").replaceAll(carriageReturn, "\\r")}"`,
  shellReads: (value) => !/[`\r]/.test(value),
  othersRead: false,
};

/** In the order of preference. */
const quotings: readonly Quoting[] = [
  {
    holds: (value) => !value.includes("'") && !value.includes(carriageReturn),
    write: (value) => `'${value}'`,
    shellReads: () => true,
    othersRead: true,
  },
  {
    holds: (value) => !/["\\\r]/.test(value),
    write: (value) => `"${value}"`,
    shellReads: (value) => !/[$`]/.test(value),
    othersRead: true,
  },
  {
    holds: (value) => !/[`\r]/.test(value),
    write: (value) => `\`${value}\``,
    shellReads: () => false,
    othersRead: true,
  },
];

/** The dialect of src/dotenv/parse.ts, quoted so that other readers of such files agree wherever they can. */
export const dotenvFormat: ExportFormat = {
  name: "dotenv",
  summary: "an env file, as `mxm-secrets import`, `node --env-file` and the dotenv package read it",
  isEnvironment: true,
  takes: [],
  fault: (entry) => textFault(entry) ?? variableFault(entry),
  write: (entries) => Buffer.from(entries.map(lineOf).join("")),
  remark: (entries) => {
    const remarks = [
      [entries.filter((entry) => !isReadByShell(entry)), "a shell that sources the file, which may run parts of them"],
      [entries.filter((entry) => !quotingOf(textOf(entry)).othersRead), "other readers of env files"],
    ] as const;
    const said = remarks.flatMap(([apart, reader]) => (apart.length === 0 ? [] : [`${namesOf(apart)} by ${reader}`]));
    return said.length === 0 ? undefined : `may be misread: ${said.join("; ")}`;
  },
};

function lineOf(entry: ExportEntry): string {
  const value = textOf(entry);
  return `${entry.variable}=${quotingOf(value).write(value)}\n`;
}

function isReadByShell(entry: ExportEntry): boolean {
  const value = textOf(entry);
  return quotingOf(value).shellReads(value);
}

function quotingOf(value: string): Quoting {
  return quotings.find(({ holds }) => holds(value)) ?? escaping;
}

function namesOf(entries: readonly ExportEntry[]): string {
  return entries.map(({ variable }) => variable).join(", ");
}
