import type { SopsFormat } from "./document.js";

/**
 * The formats of SOPS, each with the extensions by which it is chosen; `binary` is for every other file. Their parts are
 * loaded when a file needs them.
 */
export const sopsFormats: readonly SopsFormat[] = [
  {
    name: "yaml",
    extensions: [".yaml", ".yml"],
    parse: async (bytes, file) => (await import("./yaml/format.js")).parseYamlDocument(bytes, file),
    create: async (tree) => (await import("./yaml/format.js")).createYaml(tree),
  },
  {
    name: "json",
    extensions: [".json"],
    parse: async (bytes, file) => (await import("./json/format.js")).parseJsonDocument(bytes, file),
    create: async (tree) => (await import("./json/format.js")).createJson(tree),
  },
  {
    name: "dotenv",
    extensions: [".env"],
    parse: async (bytes, file) => (await import("./dotenv.js")).parseDotenvDocument(bytes, file),
    create: async (tree) => (await import("./dotenv.js")).createDotenv(tree),
  },
  {
    name: "ini",
    extensions: [".ini"],
    parse: async (bytes, file) => (await import("./ini/format.js")).parseIniDocument(bytes, file),
    create: async (tree) => (await import("./ini/format.js")).createIni(tree),
  },
];

export const binaryFormat: SopsFormat = {
  name: "binary",
  extensions: [],
  parse: async (bytes, file) => (await import("./binary.js")).parseBinaryDocument(bytes, file),
  create: async (tree) => (await import("./binary.js")).createBinary(tree),
};

/** The format that SOPS takes a file for, by the end of its name. */
export function formatOfFile(file: string): SopsFormat {
  return sopsFormats.find(({ extensions }) => extensions.some((end) => file.endsWith(end))) ?? binaryFormat;
}
