import type { Keyholder } from "../domain/keyholder.js";
import { setKeyholder } from "../runtime/edit-config.js";
import type { Identity } from "../sealed/identity.js";
import { keyholderName } from "./keyholder-name.js";
import { requireConfiguration } from "./session.js";
import type { Configuration } from "./session.js";
import type { Arguments } from "./arguments.js";

/**
 * What the holder of the key of a store here is called: as the configuration says, else by the user's name; with the
 * store's name behind it where that user has a key for another store already.
 */
export function ownKeyholderName(
  { config }: Pick<Configuration, "config">,
  storeName: string,
  recipients: readonly string[],
): string {
  const present = holderOf(config.keyholders, recipients);
  if (present !== undefined) return present.name;
  const name = keyholderName();
  const hasOther = [...config.stores.values()].some(
    ({ backend, name: other }) => backend === "sealed" && other !== storeName,
  );
  const isTaken = config.keyholders?.some((holder) => holder.name === name && holder.age !== undefined) === true;
  return hasOther && isTaken ? `${name}_${storeName}` : name;
}

/**
 * Writes down which key the one who changes it here has from now on. Nothing is written when that stands there already.
 *
 * @param retired - the recipients of the keys it had; a new keyholder may act as whom the policies of the store allow
 */
export async function nameOwnKey(
  args: Arguments,
  storeName: string,
  retired: readonly string[],
  { recipient }: Pick<Identity, "recipient">,
): Promise<void> {
  // Read anew: refs may have been added since.
  const { config, file } = await requireConfiguration(args);
  if (holderOf(config.keyholders, [recipient]) !== undefined) return;
  const name = ownKeyholderName({ config }, storeName, retired);
  const present = config.keyholders?.find((holder) => holder.name === name);
  const policies = new Set(
    [...config.refs.values()].filter(({ store }) => store === storeName).map(({ policy }) => policy),
  );
  const allowed = [...policies].flatMap((policy) => {
    const { allowedPrincipals = [], deniedPrincipals = [] } = config.policies.get(policy) ?? {};
    return allowedPrincipals.filter((principal) => !deniedPrincipals.includes(principal));
  });
  const role = config.identity?.role;
  const principals = allowed.length > 0 ? [...new Set(allowed)] : [role ?? "developer"];
  await setKeyholder(file, name, {
    age: recipient,
    gpg: present?.gpg,
    principals: present?.principals ?? principals,
    write: true,
  });
}

function holderOf(keyholders: readonly Keyholder[] | undefined, recipients: readonly string[]): Keyholder | undefined {
  return keyholders?.find(({ age }) => age !== undefined && recipients.includes(age));
}
