import { writeFileAtomically } from "../../files/atomic.js";
import { mergeStores } from "../../sealed/merge.js";
import type { Arguments } from "../arguments.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { readInput } from "./diff.js";

/** `merge BASE OURS THEIRS [PATH]`: git's merge driver. The result replaces OURS; on a conflict nothing is written. */
export async function run(args: Arguments): Promise<number> {
  const [base = "", ours = "", theirs = ""] = args.positionals;
  const store = sealedStoreOf(await requireConfiguration(args), args);
  const identities = await store.identities();
  const merged = mergeStores(readInput(base), readInput(ours), readInput(theirs), identities, store.place);
  writeFileAtomically(ours, merged, { mode: 0o644 & ~process.umask() });
  return 0;
}
