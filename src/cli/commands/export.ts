import { deliveryFault, requireDeliverable, valueDeliveries } from "../../delivery/run/deliveries.js";
import type { Delivery } from "../../delivery/run/deliveries.js";
import type { ExportEntry, ExportFormat } from "../../delivery/export/format.js";
import { exportFormats } from "../../delivery/export/formats.js";
import { InvalidInputError, quote } from "../../errors.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { credentialsFormat, exportCredentials } from "../export-credentials.js";
import { expectedOneOf, oneOf } from "../one-of.js";
import { outputFile, requireOutputFile } from "../output-file.js";
import { refuseOwnFile } from "../refuse-own-file.js";
import { openEach, selectNames } from "../select-secrets.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say, writeJson, writeOutput } from "../terminal.js";
import { writePrivateFile } from "../write-private.js";

/** `export`: the selected secrets in another program's format, on standard output or in a private file. */
export async function run(args: Arguments): Promise<number> {
  const name = chosenFormat(args);
  const format = exportFormats.find((candidate) => candidate.name === name);
  requireOptions(args, format);
  const options = { name: args.option("name"), namespace: args.option("namespace") };
  format?.requireOptions?.(options);
  const session = await requireSession(args);
  if (format === undefined) return exportCredentials(session, args);
  const output = outputFile(args);
  if (output !== undefined) {
    refuseOwnFile(session, output);
    requireOutputFile(output, { force: args.flag("force") });
  }
  const entries = await openEntries(session, args, format);
  requireHeld(entries, format);
  const bytes = format.write(entries, options);
  const remark = format.remark?.(entries);
  if (remark !== undefined) say(`mxm-secrets: ${remark}`);
  if (output === undefined) writeOutput(bytes);
  else await writePrivateFile(output, bytes);
  if (output !== undefined && args.flag("json")) {
    writeJson({ format: format.name, output, names: entries.map((entry) => entry.name) });
  }
  return 0;
}

function chosenFormat(args: Arguments): string {
  const names = [...exportFormats.map(({ name }) => name), credentialsFormat];
  const format = oneOf(args, "format", names);
  if (format === undefined) throw expectedOneOf(args, "format", names);
  return format;
}

/** @throws InvalidInputError for an option that the format has no use for */
function requireOptions(args: Arguments, format: ExportFormat | undefined): void {
  const ofFile = ["output", "env-prefix"] as const;
  const ofCredentials = ["output-directory", "with-key"] as const;
  const useless = [
    ...(["name", "namespace"] as const).filter((option) => format?.takes.includes(option) !== true),
    ...(format === undefined ? ofFile : ofCredentials),
  ].find((option) => args.option(option) !== undefined);
  if (useless === undefined) return;
  throw misuse(args.command, `--${useless} is not for the format ${quote(format?.name ?? credentialsFormat)}`);
}

async function openEntries(session: Session, args: Arguments, format: ExportFormat): Promise<readonly ExportEntry[]> {
  const { by, names } = selectNames(session, args);
  const deliveries = valueDeliveries(names, args.option("env-prefix") ?? "");
  const wanted = !format.isEnvironment || by !== "all" ? deliveries : deliveries.filter(isHarmless);
  if (format.isEnvironment) requireDeliverable(wanted);
  if (wanted.length === 0) say("mxm-secrets: the policies give this caller no secret; the export is empty");
  const secrets = await openEach(
    session,
    wanted.map(({ name }) => name),
    "nothing was written",
  );
  return secrets.map((secret, index) => ({
    name: secret.name,
    variable: wanted[index]?.variable ?? secret.name,
    value: secret.bytes(),
  }));
}

/** Of all, those that are harmless to a program are taken. */
function isHarmless(delivery: Delivery): boolean {
  const fault = deliveryFault(delivery);
  if (fault !== undefined) say(`mxm-secrets: ${delivery.name} is left out: ${fault}`);
  return fault === undefined;
}

/** @throws InvalidInputError naming every entry the format cannot hold, and the formats that hold them all */
function requireHeld(entries: readonly ExportEntry[], format: ExportFormat): void {
  const faults = entries.flatMap((entry) => {
    const fault = format.fault(entry);
    return fault === undefined ? [] : [`${quote(entry.name)} ${fault}`];
  });
  if (faults.length === 0) return;
  const able = exportFormats.filter((other) => entries.every((entry) => other.fault(entry) === undefined));
  throw new InvalidInputError(
    `the format ${quote(format.name)} cannot hold every value: ${faults.join("; ")}; nothing was written`,
    {
      hint: `these hold all of them: ${able.map(({ name }) => name).join(", ")}`,
    },
  );
}
