import { olderStoreId, recordOlderPlace } from "../backends/sealed-older-place.js";
import { readPlacePins } from "../sealed/place.js";
import type { StorePlace } from "../sealed/place.js";
import type { Arguments } from "./arguments.js";
import { confirm } from "./prompt.js";
import { say } from "./terminal.js";

/** `trust --store` for a store in the older format: accepts it in the place of a sealed one that was seen here before. */
export async function trustOlder(args: Arguments, place: StorePlace): Promise<number> {
  const id = olderStoreId(place);
  const before = readPlacePins(place).paths.find(({ storeId }) => storeId !== undefined && storeId !== id);
  say("format      older: one Fernet token, which nobody signs; whoever has the key may have written it");
  if (before?.storeId !== undefined) say(`before      the sealed store ${before.storeId} was here`);
  if (!(await confirm("trust the present file?", args.flag("yes")))) return 0;
  await recordOlderPlace(place, (line) => say(`mxm-secrets: ${line}`), { replace: true });
  return 0;
}
