import type { Keyholder } from "../domain/keyholder.js";
import { quote } from "../errors.js";
import type { BackendContext, Finding } from "./contract.js";

/** Somebody that a store's list of recipients names. */
export interface NamedRecipient {
  /** As it stands in the list, to be shown. */
  readonly name: string;
  readonly isKeyOf: (keyholder: Keyholder) => boolean;
}

/** A list of recipients, such as a file `.gpg-id` or `.age-recipients`. */
export interface RecipientList {
  /** Which it is, for messages, with user input quoted. */
  readonly place: string;
  readonly recipients: readonly NamedRecipient[];
  /** Whether a keyholder has a key of the kind that stands in it. */
  readonly hasKey: (keyholder: Keyholder) => boolean;
  /** What to do, for a key that is missing in it and for one too many. */
  readonly hints: { readonly add: string; readonly remove: string };
}

/**
 * Who a list of recipients lets in against whom a policy does. Nothing, where no keyholder is configured that has such a
 * key: then the configuration does not say who is who.
 */
export function recipientDrift(
  { place, recipients, hasKey, hints }: RecipientList,
  policy: string,
  context: Pick<BackendContext, "keyholders" | "keyholdersFor">,
): readonly Finding[] {
  const mayRead = context.keyholdersFor(policy) ?? [];
  if (!(context.keyholders ?? mayRead).some(hasKey)) return [];
  const keyholders = mayRead.filter(hasKey);
  const missing = keyholders.filter((keyholder) => !recipients.some(({ isKeyOf }) => isKeyOf(keyholder)));
  const others = recipients.filter(({ isKeyOf }) => !keyholders.some(isKeyOf));
  return [
    ...missing.map(({ name }): Finding => {
      return {
        severity: "problem",
        message: `under-shared: keyholder ${quote(name)} may read what policy ${quote(policy)} protects, and ${place} does not name its key`,
        hint: hints.add,
      };
    }),
    ...others.map(({ name }): Finding => {
      return {
        severity: "problem",
        message: `over-shared: ${place} names ${quote(name)}, which no policy lets read what ${quote(policy)} protects`,
        hint: hints.remove,
      };
    }),
  ];
}
