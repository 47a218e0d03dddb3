import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { withKeyChange } from "../key-change.js";
import { migrateToOlder } from "../migrate-to-older.js";
import { migrateToSealed } from "../migrate-to-sealed.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";

/** `migrate [--to sealed|fernet]`: moves a store from one format to the other, with a new key. */
export async function run(args: Arguments): Promise<number> {
  const to = args.option("to") ?? "sealed";
  if (to !== "sealed" && to !== "fernet") throw misuse(args.command, "--to: expected sealed or fernet");
  const meaningless = to === "fernet" && (args.flag("post-quantum") || args.option("policy") !== undefined);
  if (meaningless) throw misuse(args.command, "--policy and --post-quantum mean nothing in the older format");
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  return withKeyChange(store, configuration, (change, held) =>
    to === "sealed" ? migrateToSealed(args, configuration, change, held) : migrateToOlder(args, change, held),
  );
}
