import { dirname, join, resolve } from "node:path";
import { builtInKinds } from "../backends/registry.js";
import type { OptionRow, SecretStore } from "../domain/store.js";
import type { Configuration } from "./session.js";

/**
 * The files of this configuration that hold plaintext by design: env files that are stores, keys, and
 * the old keys beside them. Absolute paths.
 */
export function ownPlaintextFiles({ config, baseDirectory }: Configuration): ReadonlySet<string> {
  const files = [...config.stores.values()].flatMap((store) => [
    ...filesIn(store, ({ holds }) => holds === "plaintext"),
    ...keysOf(store),
  ]);
  return new Set(files.map((file) => resolve(baseDirectory, file)));
}

/** The files that stores of this configuration are in. Absolute paths. */
export function ownStoreFiles({ config, baseDirectory }: Configuration): readonly string[] {
  return [...config.stores.values()]
    .flatMap((store) => filesIn(store, () => true))
    .map((file) => resolve(baseDirectory, file));
}

function filesIn({ backend, options }: SecretStore, isMeant: (row: OptionRow) => boolean): readonly string[] {
  return rowsOf(backend).flatMap(([option, row]) => {
    const file = options[option] ?? row.default;
    return row.type === "file" && isMeant(row) && typeof file === "string" ? [file] : [];
  });
}

/** The file of each key, beside the store's own file where it is the usual one, and the one it had before. */
function keysOf(store: SecretStore): readonly string[] {
  const [storeFile = ""] = filesIn(store, () => true);
  return rowsOf(store.backend).flatMap(([option, row]) => {
    if (row.type !== "key") return [];
    const usual = row.default === undefined ? undefined : join(dirname(storeFile), row.default);
    const key = store.options[option] === undefined ? usual : keyFile(store.options[option]);
    return key === undefined ? [] : [key, `${key}.old`];
  });
}

function rowsOf(backend: string): readonly (readonly [string, OptionRow])[] {
  return Object.entries(builtInKinds().get(backend) ?? {});
}

function keyFile(option: unknown): string | undefined {
  if (typeof option === "string") return option;
  if (typeof option !== "object" || option === null || !("file" in option)) return undefined;
  return typeof option.file === "string" ? option.file : undefined;
}
