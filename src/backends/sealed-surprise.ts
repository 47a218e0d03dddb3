import type { GrantedAccess } from "../domain/grant.js";
import type { Keyholder } from "../domain/keyholder.js";
import { quote } from "../errors.js";
import type { Written } from "../sealed/write.js";

/**
 * What a person should know of who can read a value just written, and may not expect: a write lets nobody in, so that the
 * configuration, which nobody signs, names no recipients.
 *
 * @param keyholders - those the configuration's policy allows
 * @returns one line, or `undefined` when there is nothing to say
 */
export function surpriseOf(
  { path, policy }: Pick<GrantedAccess, "path" | "policy">,
  { made, movedFrom, author, others }: Written,
  keyholders: readonly Keyholder[] | undefined,
): string | undefined {
  if (made) {
    const waiting = (keyholders ?? []).filter(({ age }) => age !== undefined && age !== author);
    return waiting.length === 0
      ? undefined
      : `made compartment ${quote(policy)}, which only you can decrypt; its policy allows ${listed(waiting.map(({ name }) => name))} too: let them in with \`mxm-secrets keys add NAME\``;
  }
  if (movedFrom === undefined || others.length === 0) return undefined;
  return `moved ${quote(path)} from compartment ${quote(movedFrom)} to ${quote(policy)}, which ${listed(others)} can decrypt too`;
}

function listed(names: readonly string[]): string {
  return names.map(quote).join(", ");
}
