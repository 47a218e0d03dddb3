import { basename, dirname } from "node:path";
import { openOlderStore } from "../backends/sealed-older.js";
import { ConfigurationError } from "../errors.js";
import { withLock } from "../files/lock.js";
import { nameIt } from "./new-ref.js";
import { replaceByStore } from "../sealed/fill.js";
import { makeKeyIdentity } from "../sealed/new-key.js";
import { isOlderFile } from "../sealed/older-format.js";
import { openStore } from "../sealed/open.js";
import { realFile } from "../files/real-file.js";
import type { Arguments } from "./arguments.js";
import { addAttributes, configureGit } from "./git-files.js";
import { shownOldKeys } from "./key-change.js";
import type { KeyChange } from "./key-change.js";
import { finishInterrupted, pendingKey } from "./key-in-use.js";
import { requireKnown } from "./known.js";
import { planMigration } from "./migrate-plan.js";
import { nameOwnKey, ownKeyholderName } from "./own-keyholder.js";
import type { ConfiguredSealed } from "./sealed-store.js";
import type { Configuration } from "./session.js";
import { say, writeJson } from "./terminal.js";

/** `migrate`: a store in the older format becomes one in the sealed format, with a key of its own. */
export async function migrateToSealed(
  args: Arguments,
  configuration: Configuration,
  change: KeyChange,
  store: ConfiguredSealed,
): Promise<number> {
  const { place } = store;
  const finished = await finishInterrupted(args, change, store);
  if (!isOlderFile(place.file)) {
    // What does not open is in no format at all.
    await openStore(place);
    if (finished) await teachGit(place.file);
    const text = finished ? "finished the migration that was interrupted" : "the store is in the sealed format already";
    if (args.flag("json")) writeJson({ store: store.name, format: "sealed", finished });
    else say(`mxm-secrets: ${text}`);
    return 0;
  }
  const isHybrid = args.flag("post-quantum");
  const next =
    (await pendingKey(change, isHybrid)) ?? (await makeKeyIdentity(isHybrid ? "hybrid" : "x25519", undefined));
  const { recipient } = next.identity;
  const plan = await withLock(realFile(place.file), async () => {
    const { document } = await openOlderStore(store, { warn: (line) => say(`mxm-secrets: ${line}`) });
    const made = planMigration(document, configuration.config, store.name, () => policyOfOthers(args, configuration));
    await change.begin(next.text);
    for (const ref of made.added) await nameIt(ref, configuration.file, args);
    const name = ownKeyholderName(configuration, store.name, []);
    await replaceByStore(place, next.identity, { name, values: made.values, now: Date.now() });
    return made;
  });
  await nameOwnKey(args, store.name, [], next.identity);
  await change.settle(next.text);
  const git = await teachGit(place.file);
  const added = plan.added.map(({ name }) => name);
  if (args.flag("json")) {
    const { unnamed, values } = plan;
    writeJson({
      store: store.name,
      format: "sealed",
      values: values.length,
      added,
      unnamed,
      recipient,
      oldKeys: change.oldKeys,
      git,
    });
    return 0;
  }
  say(`migrated to the sealed format: ${plan.values.length} of ${plan.values.length} values compared`);
  if (added.length > 0) say(`named in the configuration: ${added.join(", ")}`);
  if (plan.unnamed.length > 0) say(`there, and without a name in the configuration: ${plan.unnamed.join(", ")}`);
  say(`the old key is in ${shownOldKeys(change)}: delete it when no old copy of the store is needed any more`);
  say("whoever has the old key and an old copy, as in git history, can read the values: change those at their source");
  return 0;
}

/** From now on git can merge and show the store. @returns `false` outside of a work tree */
async function teachGit(file: string): Promise<boolean> {
  addAttributes(dirname(file), basename(file));
  return configureGit(dirname(file));
}

function policyOfOthers(args: Arguments, { config }: Configuration): string {
  const policy = args.option("policy") ?? config.defaults.policy;
  if (policy === undefined) {
    throw new ConfigurationError(
      "the store holds names that the configuration does not have, and they have no policy",
      [],
      {
        hint: "give --policy, or set defaults.policy in the configuration",
      },
    );
  }
  requireKnown("policy", policy, config.policies);
  return policy;
}
