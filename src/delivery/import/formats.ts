import { dotenvImport } from "./dotenv.js";
import { jsonImport } from "./json.js";
import type { ImportFormat } from "./values.js";
import { yamlImport } from "./yaml.js";

/** Every format of a file that is imported. */
export const importFormats: readonly ImportFormat[] = [dotenvImport, jsonImport, yamlImport];

/** The format a file has by its name: `.env`, `.env.local`, `app.env`, `*.json`, `*.yaml`, `*.yml`; else `undefined`. */
export function formatOfFile(file: string): ImportFormat | undefined {
  return importFormats.find(({ files }) => files.test(file));
}
