import type { Arguments } from "../arguments.js";
import { shownOldKeys, withKeyChange } from "../key-change.js";
import { finishInterrupted } from "../key-in-use.js";
import { rotateOlderKey, rotateSealedKey } from "../rotate-own-key.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { say, writeJson } from "../terminal.js";
import { isOlderFile, OlderFormatError } from "../../sealed/older-format.js";

/** `rotate-key`: a new key in the place of this machine's, and everything it opens encrypted anew. */
export async function run(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  return withKeyChange(store, configuration, async (change, held) => {
    const isOlder = isOlderFile(store.place.file);
    if (isOlder && args.flag("post-quantum")) throw new OlderFormatError(store.place.file);
    const finished = await finishInterrupted(args, change, held);
    const rotate = isOlder ? rotateOlderKey : rotateSealedKey;
    const rotated = finished ? {} : await rotate(args, change, held);
    if (args.flag("json")) {
      writeJson({
        store: store.name,
        format: isOlder ? "fernet" : "sealed",
        finished,
        ...rotated,
        oldKeys: change.oldKeys,
      });
      return 0;
    }
    say(finished ? "finished the change of key that was interrupted" : "the store has a new key");
    say(`the old key is in ${shownOldKeys(change)}: delete it when no old copy of the store is needed any more`);
    say(
      "whoever has the old key and an old copy, as in git history, can read the values: change those at their source",
    );
    return 0;
  });
}
