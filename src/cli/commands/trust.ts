import { builtInKinds } from "../../backends/registry.js";
import { formatPath } from "../../domain/problem.js";
import { sensitiveParts } from "../../runtime/sensitive-parts.js";
import { describePart, trustHash } from "../../runtime/trust.js";
import { listTrust, recordTrust, revokeTrust } from "../../runtime/trust-file.js";
import { comparePins, trustPresent } from "../../sealed/trust.js";
import type { PinComparison } from "../../sealed/trust.js";
import { misuse } from "../arguments.js";
import { isOlderFile } from "../../sealed/older-format.js";
import type { Arguments } from "../arguments.js";
import { confirm } from "../prompt.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import type { Configuration } from "../session.js";
import { say, writeJson, writeLines } from "../terminal.js";

/** `trust`: this configuration may run what it names; with --store, that store's present file is the one to trust. */
export async function run(args: Arguments): Promise<number> {
  const chosen = [args.flag("list"), args.flag("revoke"), args.option("store") !== undefined].filter(Boolean);
  if (chosen.length > 1) throw misuse(args.command, "--list, --revoke and --store exclude each other");
  const configuration = await requireConfiguration(args);
  if (args.flag("list")) return list(args, configuration);
  if (args.flag("revoke")) return revoke(configuration);
  return args.option("store") === undefined ? trustPrograms(args, configuration) : trustStore(args, configuration);
}

function list(args: Arguments, { stateDirectory }: Configuration): number {
  const records = listTrust(stateDirectory);
  if (args.flag("json")) writeJson(records.map(({ file, at }) => ({ file, at })));
  else writeLines(records.map(({ file, at }) => `${at}  ${file}`));
  return 0;
}

async function revoke({ stateDirectory, file }: Configuration): Promise<number> {
  if (await revokeTrust(stateDirectory, file)) return 0;
  say("mxm-secrets: this configuration was not trusted");
  return 0;
}

async function trustPrograms(args: Arguments, configuration: Configuration): Promise<number> {
  const { file, config, stateDirectory } = configuration;
  const subject = { file, config, kinds: builtInKinds(), environment: process.env };
  const parts = sensitiveParts(subject);
  if (parts.length === 0) {
    say("mxm-secrets: this configuration runs no program and sends nothing anywhere: it needs no trust");
    return 0;
  }
  // Before anything is shown: what changes while a person reads is not what was trusted.
  const trusted = trustHash(subject, parts);
  for (const part of parts) say(`${formatPath(part.path)} ${part.reason}: ${describePart(part)}`);
  if (!(await confirm("trust this configuration with it?", args.flag("yes")))) return 0;
  await recordTrust(stateDirectory, file, trusted, Date.now());
  return 0;
}

async function trustStore(args: Arguments, configuration: Configuration): Promise<number> {
  const { place } = sealedStoreOf(configuration, args);
  if (isOlderFile(place.file)) return (await import("../trust-older.js")).trustOlder(args, place);
  const comparison = await comparePins(place);
  for (const line of describe(comparison)) say(line);
  if (!(await confirm("trust the present file?", args.flag("yes")))) return 0;
  await trustPresent(place, comparison.shown);
  return 0;
}

function describe({ seenStoreId, originStoreIds, seen, damage, present }: PinComparison): readonly string[] {
  const before = seen === undefined ? "not seen before" : `generation ${seen.generation} was seen`;
  const others = originStoreIds.filter((id) => id !== present.storeId);
  let remark = "";
  if (seenStoreId !== undefined && seenStoreId !== present.storeId) {
    remark = `  (another one, ${seenStoreId}, was here before)`;
  } else if (others.length > 0 && others.length === originStoreIds.length) {
    remark = `  (new beside this configuration, where ${others.join(", ")} was seen before)`;
  }
  return [
    ...(damage === undefined ? [] : [`remembered  nothing: ${damage}`]),
    `store       ${present.storeId}${remark}`,
    `generation  ${present.generation}  (${before})`,
    `fingerprint ${present.fingerprint}`,
    ...present.writers.map(({ name, key }) => `writer      ${name}  ${key}`),
  ];
}
