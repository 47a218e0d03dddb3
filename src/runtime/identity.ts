import { identityFields } from "../domain/identity.js";
import type { IdentityField, RuntimeIdentity } from "../domain/identity.js";
import { hasControlCharacter } from "../domain/names.js";
import { InvalidInputError, quote } from "../errors.js";
import type { Environment } from "../files/user-directories.js";
import { discoverMachine, discoverSubstrate } from "./substrate.js";

/** Where one field of the identity came from, as `explain` shows it: `--role`, `MXM_ROLE`, `discovered`, …. */
export type IdentitySources = Readonly<Partial<Record<IdentityField, string>>>;

/** The identity of a command. */
export interface CommandIdentity {
  readonly identity: RuntimeIdentity;
  readonly sources: IdentitySources;
}

/** What the identity of a command is made from, strongest first. */
export interface IdentityInputs {
  readonly flags: Readonly<Partial<Record<IdentityField, string | undefined>>>;
  readonly environment: Environment;
  /** `identity:` of the configuration. */
  readonly configured: Partial<RuntimeIdentity>;
  /** What this process finds out by itself; replaced in tests. */
  readonly discover?: Readonly<Partial<Record<IdentityField, () => string>>>;
}

const discovery: NonNullable<IdentityInputs["discover"]> = { machine: discoverMachine, substrate: discoverSubstrate };

/**
 * The identity of a command: each field from its flag, else its `MXM_` variable, else `identity:` of the configuration;
 * machine and substrate, and only these, else as discovered.
 *
 * @throws InvalidInputError when there is no role or no environment, or one is empty
 */
export function commandIdentity(inputs: IdentityInputs): CommandIdentity {
  const values: Partial<Record<IdentityField, string>> = {};
  const sources: Partial<Record<IdentityField, string>> = {};
  for (const field of identityFields) {
    const found = fieldOf(field, inputs);
    if (found === undefined) continue;
    if (found.value.trim() === "" || hasControlCharacter(found.value)) {
      throw new InvalidInputError(`${found.source}: ${quote(found.value)} is no ${field}`);
    }
    values[field] = found.value;
    sources[field] = found.source;
  }
  const { role, environment, machine } = values;
  const missing = identityFields.filter(
    (field) => field !== "app" && field !== "substrate" && values[field] === undefined,
  );
  if (role === undefined || environment === undefined || machine === undefined) {
    throw new InvalidInputError(`who asks is not known: no ${missing.join(" and no ")}`, {
      hint: missing
        .map(
          (field) =>
            `give --${field}, set ${variableOf(field)}, or write \`identity: { ${field}: … }\` in the configuration`,
        )
        .join("; "),
    });
  }
  return { identity: { ...values, role, environment, machine }, sources };
}

/** Whether {@link commandIdentity} would know who asks: some commands work without. */
export function isIdentityKnown(inputs: IdentityInputs): boolean {
  return (["role", "environment"] as const).every((field) => fieldOf(field, inputs) !== undefined);
}

function fieldOf(
  field: IdentityField,
  inputs: IdentityInputs,
): { readonly value: string; readonly source: string } | undefined {
  const flag = inputs.flags[field];
  if (flag !== undefined) return { value: flag, source: `--${field}` };
  const variable = inputs.environment[variableOf(field)];
  // An empty variable is how a shell or unit file says that it sets none.
  if (variable !== undefined && variable !== "") return { value: variable, source: variableOf(field) };
  const configured = inputs.configured[field];
  if (configured !== undefined) return { value: configured, source: `identity.${field} of the configuration` };
  const discover = (inputs.discover ?? discovery)[field];
  return discover === undefined ? undefined : { value: discover(), source: "discovered" };
}

function variableOf(field: IdentityField): string {
  return `MXM_${field.toUpperCase()}`;
}
