import { dirname, join, resolve } from "node:path";
import type { Configuration } from "./session.js";

/**
 * The files of this configuration that hold plaintext by design: env files that are stores, keys, and
 * the old keys beside them. Absolute paths.
 */
export function ownPlaintextFiles({ config, baseDirectory }: Configuration): ReadonlySet<string> {
  const files = [...config.stores.values()].flatMap(({ backend, options }) => {
    const path = textOr(options["path"], defaults[backend]);
    if (backend === "dotenv") return path === undefined ? [] : [path];
    const key = keyFile(options["key"]) ?? (path === undefined ? undefined : join(dirname(path), ".key"));
    return key === undefined ? [] : [key, `${key}.old`];
  });
  return new Set(files.map((file) => resolve(baseDirectory, file)));
}

const defaults: Readonly<Record<string, string>> = { dotenv: ".env", sealed: "secrets.enc" };

function keyFile(option: unknown): string | undefined {
  if (typeof option === "string") return option;
  return typeof option === "object" && option !== null && "file" in option ? textOr(option.file, undefined) : undefined;
}

function textOr(value: unknown, otherwise: string | undefined): string | undefined {
  return typeof value === "string" && otherwise !== undefined ? value : otherwise;
}
