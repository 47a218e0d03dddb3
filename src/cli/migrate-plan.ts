import { InvalidInputError, IntegrityError, quote } from "../errors.js";
import type { SecretsConfig } from "../domain/config.js";
import { isIdentifier } from "../domain/names.js";
import type { SecretRef } from "../domain/ref.js";
import type { OlderDocument } from "../fernet/document.js";
import { collidingNames, olderName } from "../fernet/names.js";
import type { InitialValue } from "../sealed/fill.js";
import { maximumValueBytes } from "../sealed/value.js";

/** What becomes of a store in the older format. */
export interface MigrationPlan {
  readonly values: readonly InitialValue[];
  /** Refs that names without one get. */
  readonly added: readonly SecretRef[];
  /** The paths of values that no ref can have: their name is no identifier, or another store's. */
  readonly unnamed: readonly string[];
}

/**
 * Where each value goes: to the path and the policy of its ref, and without one to its name in lower case.
 *
 * @param policyOfOthers - for values without a ref
 * @throws InvalidInputError naming what the sealed format cannot hold, or cannot tell apart
 */
export function planMigration(
  document: OlderDocument,
  { refs }: Pick<SecretsConfig, "refs">,
  store: string,
  policyOfOthers: () => string,
): MigrationPlan {
  const own = [...refs.values()].filter((ref) => ref.store === store);
  refuseCollisions(own.map(({ path }) => path));
  refuseCollisions(document.map(({ name }) => name));
  const byName = new Map(own.map((ref) => [olderName(ref.path), ref]));
  const values: InitialValue[] = [];
  const added: SecretRef[] = [];
  const unnamed: string[] = [];
  for (const { name, text } of document) {
    const ref = byName.get(olderName(name));
    const path = ref?.path ?? olderName(name).toLowerCase();
    const policy = ref?.policy ?? policyOfOthers();
    values.push({ path, policy, value: valueOf(name, text) });
    if (ref !== undefined) continue;
    if (isIdentifier(path) && !refs.has(path)) added.push({ name: path, store, path, policy });
    else unnamed.push(path);
  }
  return { values, added, unnamed };
}

function refuseCollisions(names: readonly string[]): void {
  const [group] = collidingNames(names);
  if (group === undefined) return;
  throw new InvalidInputError(
    `${group.map(quote).join(" and ")} are one name, ${quote(olderName(group[0] ?? ""))}, in the older format`,
    { hint: "give all but one of them another name first" },
  );
}

function valueOf(name: string, text: string | undefined): Buffer {
  if (text === undefined || olderName(name) === "") {
    throw new IntegrityError(
      `${quote(name)} has ${text === undefined ? "a value that is not a text" : "no usable name"}`,
      {
        hint: "mend or remove it with the program that wrote the file",
      },
    );
  }
  const value = Buffer.from(text);
  if (value.length <= maximumValueBytes) return value;
  throw new InvalidInputError(`the value of ${quote(name)} has ${value.length} bytes, more than a sealed store takes`, {
    hint: `the limit is ${maximumValueBytes} bytes (1 MiB)`,
  });
}
