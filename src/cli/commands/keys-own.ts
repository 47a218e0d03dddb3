import { resolve } from "node:path";
import { ConfigurationError } from "../../errors.js";
import { refuseOlderFile } from "../../sealed/older-format.js";
import type { Arguments } from "../arguments.js";
import { makeKey } from "../make-key.js";
import { sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import { say, writeJson, writeOutput } from "../terminal.js";

/** `keys init`: this machine's own key, where the configuration expects it. */
export async function initKey(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  refuseOlderFile(store.place.file);
  if (store.key.kind !== "file") {
    throw new ConfigurationError(`the key of store ${store.name} does not come from a file, so none is made`);
  }
  const file = resolve(configuration.baseDirectory, store.key.file);
  const identity = await makeKey(file, { postQuantum: args.flag("post-quantum"), passphrase: args.flag("passphrase") });
  show(args, identity.recipient, identity.writerKey().publicKey);
  say("a writer lets it in with: mxm-secrets keys add NAME RECIPIENT --principals P,…");
  return 0;
}

/** `keys public`: what others need to know of this machine's key. */
export async function publicKey(args: Arguments): Promise<number> {
  const store = sealedStoreOf(await requireConfiguration(args), args);
  refuseOlderFile(store.place.file);
  for (const identity of await store.identities()) show(args, identity.recipient, identity.writerKey().publicKey);
  return 0;
}

function show(args: Arguments, recipient: string, signer: string): void {
  if (args.flag("json")) writeJson({ recipient, signer });
  else writeOutput(`recipient ${recipient}\nsigner    ${signer}\n`);
}
