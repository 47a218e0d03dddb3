import { isUtf8 } from "node:buffer";

/** One secret on its way into an exported file. */
export interface ExportEntry {
  /** The canonical name, for messages. */
  readonly name: string;
  /** The name it has in the file: upper case, after any prefix. */
  readonly variable: string;
  readonly value: Uint8Array;
}

/** What a format may be told besides the entries. */
export interface ExportOptions {
  /** `metadata.name` of a Kubernetes Secret. */
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A format that secrets are exported to, as one row of the table. */
export interface ExportFormat {
  readonly name: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** Whether the names become variables of a program, so that those which change how programs load are refused. */
  readonly isEnvironment: boolean;
  /** Options this format takes; others are refused. */
  readonly takes: readonly (keyof ExportOptions)[];
  /** Looks at the options before any value is read. @throws InvalidInputError for what the format cannot use */
  readonly requireOptions?: (options: ExportOptions) => void;
  /** Why the format cannot hold one entry, such as `holds a newline`, or `undefined`. */
  readonly fault: (entry: ExportEntry) => string | undefined;
  /** The file, for entries that have no fault. @throws InvalidInputError when it cannot hold them together */
  readonly write: (entries: readonly ExportEntry[], options: ExportOptions) => Uint8Array;
  /** Something to know about entries that the format holds and some of its readers do not read alike. */
  readonly remark?: (entries: readonly ExportEntry[]) => string | undefined;
}

/** Why a value is no text, or `undefined`. */
export function textFault({ value }: Pick<ExportEntry, "value">): string | undefined {
  return isUtf8(value) ? undefined : "is not UTF-8 text";
}

/** Why no variable of a program can hold a value, or `undefined`. */
export function variableFault({ value }: Pick<ExportEntry, "value">): string | undefined {
  return value.includes(0) ? "holds a NUL byte, which no environment can" : undefined;
}

/** The value of an entry that {@link textFault} found nothing in. */
export function textOf({ value }: Pick<ExportEntry, "value">): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
}
