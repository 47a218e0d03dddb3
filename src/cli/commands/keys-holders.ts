import { InvalidInputError, quote } from "../../errors.js";
import { isIdentifier } from "../../domain/names.js";
import type { Keyholder } from "../../domain/keyholder.js";
import { removeKeyholder, setKeyholder } from "../../runtime/edit-config.js";
import { describeStore } from "../../sealed/list.js";
import type { NamedRecipient } from "../../sealed/compartments.js";
import { requireRecipient } from "../../sealed/identity.js";
import type { StorePlace } from "../../sealed/pins.js";
import { addRecipient, removeRecipient, requireUnbound } from "../../sealed/recipients.js";
import { addWriter, removeWriter } from "../../sealed/writer-admin.js";
import { misuse } from "../arguments.js";
import type { Arguments } from "../arguments.js";
import { confirm } from "../prompt.js";
import { policiesOf, sealedStoreOf } from "../sealed-store.js";
import { shortRecipient } from "../short-recipient.js";
import { requireConfiguration } from "../session.js";
import type { Configuration } from "../session.js";
import { say, writeJson } from "../terminal.js";

/**
 * `keys add NAME [RECIPIENT] --principals …`: lets a key decrypt what its principals may read. Without RECIPIENT the
 * keyholder is taken from the configuration, which nobody signs: a person must then look at it.
 */
export async function addHolder(args: Arguments): Promise<number> {
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  const holder = holderFrom(args, configuration);
  const { name, age } = holder;
  if (age === undefined) throw misuse(args.command, `${quote(name)} has no age recipient: give one`);
  const signer = args.option("signer");
  if (args.flag("write") !== (signer !== undefined)) {
    throw misuse(args.command, "--write and --signer go together: `keys public` on that machine prints the signer");
  }
  const wanted = { name, recipient: age };
  await requireRecipient(age);
  requireUnbound(await recipientsIn(store.place), wanted);
  const policies = policiesOf(holder, configuration);
  say(`recipient    ${shortRecipient(age)}`);
  say(`compartments ${policies.join(", ") || "none"}`);
  const isTyped = args.positionals[2] !== undefined;
  if (!(await confirm(`let ${name} decrypt these with that key?`, isTyped || args.flag("yes")))) return 0;
  const identities = await store.identities();
  const added = await addRecipient(store.place, identities, wanted, policies);
  if (signer !== undefined) await addWriter(store.place, identities, { name, key: signer });
  await setKeyholder(configuration.file, name, { ...holder, write: holder.write ? true : undefined });
  if (args.flag("json")) writeJson({ name, compartments: added, writer: signer !== undefined });
  else if (added.length > 0) say(`${name} can now decrypt: ${added.join(", ")}`);
  else if (policies.length > 0) say(`${name} decrypts nothing new: it could already`);
  else say(`${name} decrypts nothing: no policy allows its principals (${holder.principals.join(", ")})`);
  return 0;
}

async function recipientsIn(place: StorePlace): Promise<readonly NamedRecipient[]> {
  return (await describeStore(place)).compartments.flatMap(({ recipients }) => recipients);
}

/** `keys rm NAME`: takes a key out; every compartment it could open gets a new key and is encrypted anew. */
export async function removeHolder(args: Arguments): Promise<number> {
  const [, name = ""] = args.positionals;
  if (name === "") throw misuse(args.command, "rm: expected the keyholder's NAME");
  const configuration = await requireConfiguration(args);
  const store = sealedStoreOf(configuration, args);
  const present = await describeStore(store.place);
  const keys = present.writers.filter((writer) => writer.name === name).map(({ key }) => key);
  const recipients = present.compartments
    .flatMap((compartment) => compartment.recipients)
    .filter((recipient) => recipient.name === name)
    .map(({ recipient }) => recipient);
  const isConfigured = configuration.config.keyholders?.some((holder) => holder.name === name) === true;
  if (!isConfigured && keys.length === 0 && recipients.length === 0)
    throw new InvalidInputError(`there is no keyholder ${quote(name)}`, { hint: "`mxm-secrets keys list` shows them" });
  const identities = await store.identities();
  if (identities.some((own) => recipients.includes(own.recipient) || keys.includes(own.writerKey().publicKey))) {
    throw new InvalidInputError(`${quote(name)} is the key in use here, which cannot take itself out`, {
      hint: `let another writer run it: mxm-secrets keys rm ${name}`,
    });
  }
  const alone = present.compartments.filter(
    (each) => each.secrets > 0 && each.recipients.every((line) => recipients.includes(line.recipient)),
  );
  if (alone.length > 0) {
    const policies = alone.map(({ policy }) => policy).join(", ");
    say(`only ${name} can decrypt, and keeps: ${policies}; unless it lets another in first, nobody else ever will`);
  }
  if (!(await confirm(`take ${name} out and encrypt anew what it could read?`, args.flag("yes")))) return 0;
  // First of all it signs nothing any more: taking its compartments may need a key that is not here.
  if (keys.length > 0) await removeWriter(store.place, identities, name);
  const shared = present.compartments.filter((each) => !alone.includes(each)).map(({ policy }) => policy);
  const compartments = await removeRecipient(store.place, identities, name, shared);
  await removeKeyholder(configuration.file, name);
  const known = new Set([...compartments, ...alone.map(({ policy }) => policy)]);
  const exposed = [...configuration.config.refs.values()]
    .filter((ref) => ref.store === store.name && known.has(ref.policy))
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
