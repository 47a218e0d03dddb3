/** What the quick commands need, as {@link bundleCommand} takes it. */
export const hotSources: Readonly<Record<string, readonly string[]>>;

/** The file with the parts of a command, beside it. */
export function piecesOf(outfile: string): string;

/** Writes the command, mode 0755, whose name ends in `.cjs`, and its parts beside it. */
export function bundleCommand(options: {
  readonly entry: string;
  readonly outfile: string;
  readonly version: string;
  readonly hotSources: Readonly<Record<string, readonly string[]>>;
}): Promise<void>;
