import { identityFields } from "../domain/identity.js";
import type { IdentityField, RuntimeIdentity } from "../domain/identity.js";
import type { Runtime } from "../runtime/context.js";
import type { IdentityInputs, IdentitySources } from "../runtime/identity.js";
import type { Arguments } from "./arguments.js";

/** What the identity of a command is made from. */
export function identityInputs(args: Arguments, { config }: Pick<Runtime, "config">): IdentityInputs {
  const flags = Object.fromEntries(identityFields.map((field) => [field, args.option(field)]));
  return { flags, environment: process.env, configured: config.identity };
}

/** One field of an identity, and where it came from. */
export interface SourcedField {
  readonly field: IdentityField;
  readonly value: string;
  readonly source: string;
}

/** The fields an identity has, in the order they are shown. */
export function sourcedFields(identity: RuntimeIdentity, sources: IdentitySources): readonly SourcedField[] {
  return identityFields.flatMap((field) => {
    const value = identity[field];
    return value === undefined ? [] : [{ field, value, source: sources[field] ?? "not given" }];
  });
}
