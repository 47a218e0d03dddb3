import { existsSync } from "node:fs";
import { InvalidInputError, quote } from "../../errors.js";
import { setKeyholder } from "../../runtime/edit-config.js";
import { createStore } from "../../sealed/create.js";
import type { Arguments } from "../arguments.js";
import { keyholderName } from "../keyholder-name.js";
import { regularFile } from "../regular-file.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { say, writeJson } from "../terminal.js";

/**
 * `init --force` in a project whose store is gone for good: a new, empty one where the configuration expects it, written
 * by the key that is here.
 *
 * @throws InvalidInputError when the store is there: nothing is ever replaced
 */
export async function beginAgain(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const { config, file } = configuration;
  const { place, identities } = sealedStoreOf(configuration, args);
  if (existsSync(place.file)) {
    throw new InvalidInputError(`${quote(place.file)} exists already; a store is never replaced`, {
      hint: "move it away first; what is in it must be entered again",
    });
  }
  regularFile(place.file);
  const [identity] = await identities();
  if (identity === undefined) throw new InvalidInputError("the key holds no identity");
  const { recipient } = identity;
  const holder = config.keyholders?.find(({ age }) => age === recipient);
  const name = holder?.name ?? keyholderName();
  await createStore(place, identity, { name, replace: true });
  if (holder === undefined) {
    const principals = config.keyholders?.find((known) => known.name === name)?.principals ?? ["developer"];
    await setKeyholder(file, name, { age: recipient, principals, write: true });
  }
  if (args.flag("json")) writeJson({ created: [place.file], recipient });
  else say(`created ${place.file}, empty; the values must be entered again`);
  return 0;
}
