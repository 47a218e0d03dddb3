/** Rows of cells as text with aligned columns, the last one unpadded; no row has trailing space. */
export function alignedTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The same as a table in GitHub Flavored Markdown (section 4.10); the first row is its head, and every cell is plain text. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => "---"), ...rows.map((row) => row.map(escapeMarkdown))].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
}

/** Text that Markdown prints as it is, on one line. */
function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>|~#&!]/g, "\\$&");
}
