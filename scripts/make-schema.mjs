// Writes what is made from the tables that check the configuration: schema/mxm-secrets.schema.json, and the table of
// stores in docs/configuration.md. Needs the built library in dist/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { builtInBackends } from "../dist/lib/backends/registry.js";
import { configSchema } from "../dist/lib/domain/schema.js";
import { withStoreTable } from "./store-table.mjs";

const schema = configSchema(new Map(builtInBackends.map(({ kind, options }) => [kind, options])));
const directory = new URL("../schema/", import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL("mxm-secrets.schema.json", directory), `${JSON.stringify(schema, null, 2)}\n`);

const page = new URL("../docs/configuration.md", import.meta.url);
const text = readFileSync(page, "utf8");
const written = withStoreTable(text, builtInBackends);
if (written !== text) writeFileSync(page, written);
