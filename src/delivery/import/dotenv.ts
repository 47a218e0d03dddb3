import { parseDotenv } from "../../dotenv/parse.js";
import type { ImportFormat } from "./values.js";

/** An env file in the dialect of docs/env-and-dotenv.md. */
export const dotenvImport: ImportFormat = {
  name: "dotenv",
  files: /(?:^|[/\\])\.env(?:\.[^/\\]*)?$|\.env$/i,
  read: async (bytes, file) => {
    const entries = parseDotenv(bytes, file);
    return {
      values: entries.map(({ key, value, line }) => ({ written: key, value, line })),
      problems: [],
      remarks: entries
        .filter(({ hashInside }) => hashInside)
        .map(({ key, line }) => `${file}:${line}: ${key} has a \`#\` without quotes; all of it is taken as the value`),
    };
  },
};
