import { closeSync } from "node:fs";
import { removeAbandonedFiles } from "../../delivery/run/abandoned-files.js";
import { deliveryFault, fileDeliveries, requireDeliverable, valueDeliveries } from "../../delivery/run/deliveries.js";
import type { Delivery } from "../../delivery/run/deliveries.js";
import { memoryCandidates } from "../../delivery/run/memory-place.js";
import { runChild } from "../../delivery/run/run-child.js";
import { prepareStreams } from "../../delivery/run/streams.js";
import { errnoOf } from "../../files/errno.js";
import { usedCacheDirectory } from "../../files/user-directories.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { openEach, selectNames } from "../select-secrets.js";
import { requireSession } from "../session.js";
import type { Session } from "../session.js";
import { say } from "../terminal.js";

/** `run`: a program with the named secrets and nothing else of ours. @returns its exit code, or 128+N */
export async function run(args: Arguments): Promise<number> {
  if (args.rest.length === 0) throw misuse(args.command, "no command: write it after `--`");
  const streams = prepareStreams(!args.flag("no-masking"), usedCacheDirectory(process.env));
  const session = await requireSession(args);
  const deliveries = chooseDeliveries(session, args);
  await removeAbandonedFiles(memoryCandidates(process.env), warn);
  const names = [...new Set(deliveries.map(({ name }) => name))];
  const secrets = await openEach(session, names, "the command was not started");
  session.ownDescriptors.forEach(closeOwn);
  return runChild({
    command: args.rest,
    parent: process.env,
    ownVariables: session.ownVariables,
    pristine: args.flag("pristine"),
    deliveries,
    secrets: new Map(secrets.map((secret) => [secret.name, secret])),
    streams,
    warn,
  });
}

function warn(line: string): void {
  say(`mxm-secrets: ${line}`);
}

/** What the command gets. @throws InvalidInputError for a variable that no command gets, and for one that two want */
function chooseDeliveries(session: Session, args: Arguments): readonly Delivery[] {
  const prefix = args.option("env-prefix") ?? "";
  const files = fileDeliveries(args.optionList("as-file"), prefix);
  const deliveries = [...chooseValues(session, args, files, prefix), ...files];
  // Of all secrets, each was found harmless and has a variable of its own.
  if (files.length > 0 || !args.flag("all")) requireDeliverable(deliveries);
  return deliveries;
}

/** What was named must be harmless; of all, the harmless ones are taken. */
function chooseValues(
  session: Session,
  args: Arguments,
  files: readonly Delivery[],
  prefix: string,
): readonly Delivery[] {
  const selects = args.optionList("only").length > 0 || args.option("for") !== undefined || args.flag("all");
  if (files.length > 0 && !selects) return [];
  const { by, names } = selectNames(session, args);
  if (by === "only") return valueDeliveries(names, prefix);
  const asFile = new Set(files.map(({ name }) => name));
  const values = valueDeliveries(
    names.filter((name) => !asFile.has(name)),
    prefix,
  );
  if (by === "for") return values;
  const harmless = values.filter(isHarmless);
  if (harmless.length + files.length === 0) {
    warn("the policies give this caller no secret; the command runs without any");
  }
  return harmless;
}

function isHarmless(delivery: Delivery): boolean {
  const fault = deliveryFault(delivery);
  if (fault !== undefined) warn(`${delivery.name} is left out: ${fault}`);
  return fault === undefined;
}

/** Node passes on a descriptor that was open when it started and has a high number, as a shell's `<(…)` gives. */
function closeOwn(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EBADF") throw thrown;
  }
}
