// Writes schema/mxm-secrets.schema.json from the tables that check the configuration. Needs the built library in dist/.
import { mkdirSync, writeFileSync } from "node:fs";
import { builtInBackends } from "../dist/lib/backends/registry.js";
import { configSchema } from "../dist/lib/domain/schema.js";

const schema = configSchema(new Map(builtInBackends.map(({ kind, options }) => [kind, options])));
const directory = new URL("../schema/", import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL("mxm-secrets.schema.json", directory), `${JSON.stringify(schema, null, 2)}\n`);
