import { UnsupportedError } from "../../errors.js";
import { writeFileAtomically } from "../../files/atomic.js";
import { mergeStores } from "../../sealed/merge.js";
import { isOlderFormat } from "../../sealed/older-format.js";
import type { Arguments } from "../arguments.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { readInput } from "./diff.js";

/** `merge BASE OURS THEIRS [PATH]`: git's merge driver. The result replaces OURS; on a conflict nothing is written. */
export async function run(args: Arguments): Promise<number> {
  const [base = "", ours = "", theirs = ""] = args.positionals;
  const store = sealedStoreOf(await requireConfiguration(args), args);
  const sides = [base, ours, theirs].map((file) => readInput(file));
  if (sides.some(isOlderFormat)) {
    throw new UnsupportedError("a store in the older format cannot be merged: it is one ciphertext as a whole", {
      hint: "keep one side (`git checkout --ours` or `--theirs`) and set what the other side changed again; stores in the sealed format merge",
    });
  }
  const [ancestor = Buffer.of(), our = Buffer.of(), their = Buffer.of()] = sides;
  const merged = mergeStores(ancestor, our, their, await store.identities(), store.place);
  writeFileAtomically(ours, merged, { mode: 0o644 & ~process.umask() });
  return 0;
}
