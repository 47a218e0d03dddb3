import { alignedTable, markdownTable } from "../../delivery/table.js";
import { gravest } from "../../errors.js";
import type { InventoryEntry } from "../../resolution/inventory.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { requireConfiguration } from "../session.js";
import { report, writeJson, writeLines } from "../terminal.js";

/** `inventory`: what is known of every secret without its value. @returns 0, or the code of a store that cannot be asked */
export async function run(args: Arguments): Promise<number> {
  const [json, markdown] = [args.flag("json"), args.flag("markdown")];
  if (json && markdown) throw misuse(args.command, "--json and --markdown exclude each other");
  const { entries, failures } = await (await requireConfiguration(args)).openApi().inventory();
  const shown = args.flag("overdue") ? entries.filter(({ isOverdue }) => isOverdue) : entries;
  if (json) writeJson(shown);
  else if (markdown) writeLines(markdownTable([columns.map(({ title }) => title), ...shown.map(cellsOf)]));
  else if (shown.length > 0)
    writeLines(alignedTable([columns.map(({ title }) => title.toUpperCase()), ...shown.map(cellsOf)]));
  for (const { error } of failures) report(error, json);
  return gravest(failures.map(({ error }) => error))?.exitCode ?? 0;
}

interface Column {
  readonly title: string;
  readonly cell: (entry: InventoryEntry) => string | undefined;
}

const columns: readonly Column[] = [
  { title: "Name", cell: ({ name }) => name },
  { title: "Owner", cell: ({ owner }) => owner },
  { title: "Used by", cell: ({ usedBy }) => usedBy.join(", ") },
  { title: "Store", cell: ({ store }) => store },
  {
    title: "Last changed",
    cell: ({ age, lastChanged }) => (age === "absent" ? "no value" : (dayOf(lastChanged) ?? "unknown")),
  },
  { title: "Rotation due", cell: dueOf },
  { title: "How to rotate", cell: ({ rotation }) => rotation },
];

function cellsOf(entry: InventoryEntry): readonly string[] {
  return columns.map(({ cell }) => cell(entry) || "-");
}

function dueOf({ rotateEveryDays, rotationDue, isOverdue, age }: InventoryEntry): string | undefined {
  if (rotateEveryDays === undefined || age === "absent") return undefined;
  if (rotationDue === undefined) return `unknown, every ${rotateEveryDays} days`;
  return `${dayOf(rotationDue)}${isOverdue ? " overdue" : ""}`;
}

function dayOf(time: string | undefined): string | undefined {
  return time?.slice(0, 10);
}
