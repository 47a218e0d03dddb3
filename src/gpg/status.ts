/** What gpg wrote for `--status-fd`: one line for each event, `[GNUPG:] KEYWORD arguments` (GnuPG's doc/DETAILS). */
export interface StatusLine {
  readonly keyword: string;
  /** What follows, its bytes below 32 and `%` still written as `%XX`. */
  readonly rest: string;
}

/** The events of one run, or of one file of a run, with questions about them. */
export interface GpgStatus {
  readonly lines: readonly StatusLine[];
  /** Whether one of these events occurred. */
  readonly says: (...keywords: readonly string[]) => boolean;
  /** How often an event occurred. */
  readonly count: (keyword: string) => number;
}

/** Only whole lines that begin as gpg begins them: a text quoted inside of another line is no event. */
export function parseStatus(text: string): GpgStatus {
  const lines: StatusLine[] = [];
  // The text may have been cut, or gpg ended, within the last line.
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n")) {
    const [, keyword, rest = ""] = /^\[GNUPG:\] ([A-Z0-9_]+)(?: (.*))?$/.exec(line) ?? [];
    if (keyword !== undefined) lines.push({ keyword, rest });
  }
  return statusOf(lines);
}

export function statusOf(lines: readonly StatusLine[]): GpgStatus {
  const count = (wanted: string) => lines.filter(({ keyword }) => keyword === wanted).length;
  return { lines, count, says: (...keywords) => keywords.some((keyword) => count(keyword) > 0) };
}
