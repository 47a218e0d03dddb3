import { quote } from "../errors.js";
import { nameOf } from "./config-names.js";
import type { KnownNames } from "./config-names.js";
import { exitCodes } from "./exit-codes-field.js";
import { anyText, described, flag, list, nonEmptyText, number, oneOf, readFields, schemaOfFields } from "./fields.js";
import type { Field, Fields, JsonSchema } from "./fields.js";
import { argv, keySource } from "./key-field.js";
import { entriesOf, inside, note, noteType, noteUnknown } from "./reader.js";
import type { Place } from "./reader.js";
import type { OptionRow, OptionTable, SecretStore } from "./store.js";

/** How an option of each type is read. */
function optionField(row: OptionRow, known: KnownNames): Field<unknown> {
  const store = nameOf("store", known.stores);
  const types: Readonly<Record<OptionRow["type"], Field<unknown>>> = {
    string: row.words === undefined ? anyText : oneOf(row.words),
    boolean: flag,
    number,
    strings: list(anyText),
    file: nonEmptyText,
    store,
    stores: list(store, { minItems: 1 }),
    argv,
    key: keySource,
    exit_codes: exitCodes,
  };
  const field = described(row.description, types[row.type]);
  return row.required === true ? { ...field, required: true } : field;
}

/** The fields of a store of one kind, `backend` included. */
function storeFields(kind: string, table: OptionTable, known: KnownNames): Fields {
  const backend: Field<string> = { schema: { const: kind }, required: true, read: () => kind };
  const options = Object.keys(table).map((name) => [name, table[name]] as const);
  return {
    backend,
    ...Object.fromEntries(
      options.flatMap(([name, row]) => (row === undefined ? [] : [[name, optionField(row, known)]])),
    ),
  };
}

/** One store: `backend` names a kind, and every other key is an option of that kind. */
export function storeField(kinds: ReadonlyMap<string, OptionTable>, known: KnownNames): Field<SecretStore> {
  const fieldsOfKind = new Map<string, Fields>();
  const fieldsFor = (kind: string, table: OptionTable): Fields => {
    const fields = fieldsOfKind.get(kind) ?? storeFields(kind, table, known);
    fieldsOfKind.set(kind, fields);
    return fields;
  };
  return {
    schema: schemaOfStores(kinds, known),
    read: (value, place) => {
      const backend = backendOf(value, place, kinds);
      if (backend === undefined) return undefined;
      const values = readFields(fieldsFor(backend.kind, backend.table), value, place);
      if (values === undefined) return undefined;
      const options: Record<string, unknown> = Object.assign(Object.create(null), values);
      delete options["backend"];
      return Object.freeze({ name: String(place.key), backend: backend.kind, options: Object.freeze(options) });
    },
  };
}

function backendOf(
  value: unknown,
  place: Place,
  kinds: ReadonlyMap<string, OptionTable>,
): { readonly kind: string; readonly table: OptionTable } | undefined {
  const entries = entriesOf(value, place);
  if (entries === undefined) return undefined;
  const kind = entries.find(([key]) => key === "backend")?.[1];
  const at = inside(place, "backend");
  if (typeof kind !== "string") return noteType(at, "a string", kind);
  const table = kinds.get(kind);
  return table === undefined ? noteUnknown(at, `unknown backend ${quote(kind)}`, kind, kinds.keys()) : { kind, table };
}

function schemaOfStores(kinds: ReadonlyMap<string, OptionTable>, known: KnownNames): JsonSchema {
  const schemas = [...kinds].map(([kind, table]) => ({
    if: { properties: { backend: { const: kind } }, required: ["backend"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: schemaOfFields(storeFields(kind, table, known)),
  }));
  return {
    type: "object",
    properties: { backend: { enum: [...kinds.keys()] } },
    required: ["backend"],
    ...(schemas.length === 0 ? {} : { allOf: schemas }),
  };
}

/** Notes every cycle among stores that ask other stores: such a store could never answer. */
export function noteCycles(
  stores: ReadonlyMap<string, SecretStore>,
  kinds: ReadonlyMap<string, OptionTable>,
  place: Place,
): void {
  const finished = new Set<string>();
  for (const start of stores.keys()) {
    if (finished.has(start)) continue;
    const trail: { readonly name: string; readonly next: Iterator<string> }[] = [];
    const isOnTrail = new Set<string>();
    const enter = (name: string): void => {
      isOnTrail.add(name);
      trail.push({ name, next: linksOf(stores.get(name), kinds).values() });
    };
    enter(start);
    for (let at = trail.at(-1); at !== undefined; at = trail.at(-1)) {
      const step = at.next.next();
      if (step.done === true) {
        finished.add(at.name);
        isOnTrail.delete(at.name);
        trail.pop();
      } else if (isOnTrail.has(step.value)) {
        const names = trail.map(({ name }) => name);
        const cycle = [...names.slice(names.indexOf(step.value)), step.value];
        note(inside(place, at.name), `expected no store that asks itself: ${quote(cycle.join(" → "))}`);
      } else if (!finished.has(step.value)) enter(step.value);
    }
  }
}

/** The stores that one store asks. */
function linksOf(store: SecretStore | undefined, kinds: ReadonlyMap<string, OptionTable>): readonly string[] {
  const table = store === undefined ? undefined : kinds.get(store.backend);
  if (store === undefined || table === undefined) return [];
  return Object.keys(table).flatMap((option) => {
    const type = table[option]?.type;
    const value = store.options[option];
    if (type === "store") return typeof value === "string" ? [value] : [];
    return type === "stores" && Array.isArray(value) ? value.map(String) : [];
  });
}
