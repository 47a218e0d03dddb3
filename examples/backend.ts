/**
 * A backend of your own: secrets in one JSON object in a file that only you may read.
 *
 *     stores:
 *       desk: { backend: json_file, path: desk.json }
 */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  anyPath,
  defineBackend,
  grantedAccess,
  IntegrityError,
  LockedError,
  throwIfCancelled,
  UnavailableError,
} from "mxm-secrets/backend";

export const jsonFile = defineBackend({
  kind: "json_file",
  description: "one JSON object of names and strings",
  options: { path: { type: "file", required: true, description: "the file, relative to the configuration" } },
  paths: anyPath,
  maximumValueBytes: 64 * 1024,
  can: { write: false, delete: false, list: true },
  enforcement: "advisory",
  open: ({ options }, { baseDirectory }) => {
    const file = resolve(baseDirectory, String(options["path"]));
    return {
      read: async (grant, { signal }) => {
        const { path } = grantedAccess(grant, "read");
        throwIfCancelled(signal);
        const value = (await load(file)).get(path);
        return value === undefined ? undefined : new TextEncoder().encode(value);
      },
      list: async () => [...(await load(file)).keys()].toSorted(),
    };
  },
});

/** Nothing is kept between calls, and each way to fail is its own error. */
async function load(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readText(file);
  const data = parse(file, text);
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new IntegrityError(`${file}: expected a JSON object`);
  }
  const entries = Object.entries(data);
  const wrong = entries.find(([, value]) => typeof value !== "string");
  if (wrong !== undefined) throw new IntegrityError(`${file}: ${wrong[0]}: expected a string`);
  return new Map(entries);
}

async function readText(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) throw new LockedError(`${file} may be read by others`, { hint: `chmod 600 ${file}` });
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (thrown instanceof LockedError) throw thrown;
    const missing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
    throw new UnavailableError(`${file} cannot be read`, { reason: missing ? "not_initialised" : "unreachable" });
  }
}

/** The parser's own message would quote the file, so it is not passed on. */
function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new IntegrityError(`${file} is not JSON`);
  }
}
