import { InvalidInputError, quote } from "../../errors.js";
import { isIdentifier } from "../../domain/names.js";
import type { Keyholder } from "../../domain/keyholder.js";
import { removeKeyholder, setKeyholder } from "../../runtime/edit-config.js";
import { describeStore } from "../../sealed/list.js";
import { addRecipient, removeRecipient } from "../../sealed/recipients.js";
import { addWriter, removeWriter } from "../../sealed/writer-admin.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { confirm } from "../prompt.js";
import { policiesOf, sealedStoreOf } from "../sealed-store.js";
import { requireConfiguration } from "../session.js";
import type { Configuration } from "../session.js";
import { say, writeJson } from "../terminal.js";

/**
 * `keys add NAME [RECIPIENT] --principals …`: lets a key decrypt what its principals may read. Without RECIPIENT the
 * keyholder is taken from the configuration, for one that was written there by hand.
 */
export async function addHolder(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  const holder = holderFrom(args, configuration);
  const { age } = holder;
  if (age === undefined) throw misuse(args.command, `${quote(holder.name)} has no age recipient: give one`);
  const signer = args.option("signer");
  if (args.flag("write") !== (signer !== undefined)) {
    throw misuse(args.command, "--write and --signer go together: `keys public` on that machine prints the signer");
  }
  const identities = await store.identities();
  const policies = policiesOf(holder, store.name, configuration);
  const added = await addRecipient(store.place, identities, { name: holder.name, recipient: age }, policies);
  if (signer !== undefined) await addWriter(store.place, identities, { name: holder.name, key: signer });
  await setKeyholder(configuration.file, holder.name, { ...holder, write: holder.write ? true : undefined });
  if (args.flag("json")) writeJson({ name: holder.name, compartments: added, writer: signer !== undefined });
  else if (added.length > 0) say(`${holder.name} can now decrypt: ${added.join(", ")}`);
  else
    say(
      `${holder.name} decrypts nothing new: no policy with a secret in ${store.name} allows its principals, or it could already`,
    );
  return 0;
}

/** `keys rm NAME`: takes a key out; every compartment it could open gets a new key and is encrypted anew. */
export async function removeHolder(args: Arguments): Promise<number> {
  const [, name = ""] = args.positionals;
  if (name === "") throw misuse(args.command, "rm: expected the keyholder's NAME");
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  const present = await describeStore(store.place);
  const known =
    configuration.config.keyholders?.some((holder) => holder.name === name) === true ||
    present.writers.some((writer) => writer.name === name) ||
    present.compartments.some(({ recipients }) => recipients.some((recipient) => recipient.name === name));
  if (!known)
    throw new InvalidInputError(`there is no keyholder ${quote(name)}`, { hint: "`mxm-secrets keys list` shows them" });
  if (!(await confirm(`take ${name} out and encrypt anew what it could read?`, args.flag("yes")))) return 0;
  const identities = await store.identities();
  if (present.writers.some((writer) => writer.name === name)) await removeWriter(store.place, identities, name);
  const compartments = await removeRecipient(store.place, identities, name);
  await removeKeyholder(configuration.file, name);
  const exposed = [...configuration.config.refs.values()]
    .filter((ref) => ref.store === store.name && compartments.includes(ref.policy))
    .map((ref) => ref.name)
    .toSorted();
  if (args.flag("json")) writeJson({ name, compartments, exposed });
  else if (exposed.length > 0) say(`${name} could read these; change them at their source: ${exposed.join(", ")}`);
  return 0;
}

function holderFrom(args: Arguments, { config }: Configuration): Keyholder {
  const [, name = "", recipient] = args.positionals;
  if (!isIdentifier(name)) throw misuse(args.command, "add: expected a NAME of lower-case letters, digits and `_`");
  const configured = config.keyholders?.find((holder) => holder.name === name);
  const principals = args.option("principals")?.split(",") ?? configured?.principals;
  if (principals === undefined) throw misuse(args.command, "add: say whom the key may act as with --principals P,…");
  const wrong = principals.find((principal) => !isIdentifier(principal));
  if (wrong !== undefined) throw misuse(args.command, `add: ${quote(wrong)} is not a principal`);
  const age = recipient ?? configured?.age;
  if (configured?.age !== undefined && age !== configured.age) {
    throw new InvalidInputError(`${quote(name)} holds another key already`, {
      hint: `take that one out first: mxm-secrets keys rm ${name}`,
    });
  }
  return {
    name,
    principals,
    write: args.flag("write") || configured?.write === true,
    ...(age === undefined ? {} : { age }),
    ...(configured?.gpg === undefined ? {} : { gpg: configured.gpg }),
  };
}
