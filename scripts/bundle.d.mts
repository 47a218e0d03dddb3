/** What the quick commands need, as {@link bundleCommand} takes it. */
export const hotPieces: readonly (readonly string[])[];

/** Writes the command as one file that node runs, mode 0755. */
export function bundleCommand(options: {
  readonly entry: string;
  readonly outfile: string;
  readonly version: string;
  readonly together: readonly (readonly string[])[];
}): Promise<void>;
