import { textFault, textOf, variableFault } from "./format.js";
import type { ExportEntry, ExportFormat } from "./format.js";

/** Docker reads such a file with Go's `bufio.Scanner`, whose lines have less than 64 KiB. */
const maximumLineBytes = 64 * 1024 - 2;

/**
 * What `docker run --env-file` reads: `NAME=value` lines in UTF-8, the value as it stands up to the end of the line, no
 * quotes and no escapes. Source: docker/cli, pkg/kvfile.
 */
export const dockerFormat: ExportFormat = {
  name: "docker",
  summary: "a file for `docker run --env-file`, which knows no quotes and no newlines",
  isEnvironment: true,
  takes: [],
  fault: (entry) => textFault(entry) ?? variableFault(entry) ?? lineFault(entry),
  write: (entries) => Buffer.from(entries.map((entry) => `${lineOf(entry)}\n`).join("")),
};

function lineFault(entry: ExportEntry): string | undefined {
  const value = textOf(entry);
  if (value.includes("\n")) return "holds a newline";
  if (value.endsWith("\r")) return "ends with a carriage return, which Docker drops";
  return Buffer.byteLength(lineOf(entry)) > maximumLineBytes
    ? `is longer than Docker reads in one line (${maximumLineBytes} bytes with its name)`
    : undefined;
}

function lineOf(entry: ExportEntry): string {
  return `${entry.variable}=${textOf(entry)}`;
}
