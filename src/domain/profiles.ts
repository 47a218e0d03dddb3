import { entryName } from "./config-names.js";
import { named, schemaOfFields } from "./fields.js";
import type { Field } from "./fields.js";
import { entriesOf, inside, noteType, noteUnknownKey } from "./reader.js";

/** The keys a profile may change: all but the format's version and the profiles themselves. */
const overlayKeys = [
  "stores",
  "refs",
  "policies",
  "principals",
  "keyholders",
  "audit",
  "defaults",
  "identity",
] as const;

/** A part of a configuration that is laid over the whole one. Its insides are checked where it is applied. */
const overlay: Field<Readonly<Record<string, unknown>>> = {
  schema: schemaOfFields(
    Object.fromEntries(
      overlayKeys.map((key) => [key, { schema: { type: key === "principals" ? "array" : "object" }, read: keep }]),
    ),
  ),
  read: (value, place) => {
    const entries = entriesOf(value, place);
    if (entries === undefined) return undefined;
    for (const [key, part] of entries) {
      if (!overlayKeys.some((known) => known === key)) noteUnknownKey(place, key, overlayKeys);
      else if (key === "principals" && !Array.isArray(part)) noteType(inside(place, key), "a list", part);
      else if (key !== "principals") entriesOf(part, inside(place, key));
    }
    return Object.fromEntries(entries);
  },
};

/** The named overlays of `profiles:`. */
export const profilesField = named(entryName, overlay);

function keep(value: unknown): unknown {
  return value;
}
