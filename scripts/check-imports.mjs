// Fails when an import points against the direction of the design, or reaches what only one part may use.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const source = new URL("../src", import.meta.url).pathname;

// A part may import from itself and from rows above its own.
const order = [
  ["errors.ts"],
  ["files"],
  ["process"],
  ["domain"],
  ["authorization", "audit", "redaction", "templates", "dotenv"],
  ["keychain"],
  ["age", "gpg"],
  ["password-store"],
  ["sealed", "gopass", "fernet", "pass", "sops", "file-tree", "command"],
  ["backends"],
  ["resolution"],
  ["runtime"],
  ["delivery", "scan", "enforcement", "serve"],
  ["cli"],
  ["index.ts", "backend.ts", "backend-contract.ts", "runtime.ts"],
];
// What only the named files may import.
const reserved = [
  { name: "issueGrant", from: "domain/grant.ts", by: ["authorization/authorize.ts"] },
  { name: "proveIdentity", from: "domain/identity.ts", by: ["runtime/attest.ts"] },
];

const rank = new Map(order.flatMap((parts, index) => parts.map((part) => [part, index])));
// The machinery of a backend stands right below the backends, in a directory of its name, unless it is placed above.
const machinery = rank.get("backends") - 1;
for (const name of readdirSync(join(source, "backends"))) {
  const part = name.replace(/\.ts$/, "");
  if (!rank.has(part)) rank.set(part, machinery);
}
const partOf = (path) => path.split(sep)[0];
const faults = [];
const edges = new Map();

for (const file of readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts"))) {
  const part = partOf(file);
  if (!rank.has(part)) faults.push(`${file}: ${part} has no place in the order of scripts/check-imports.mjs`);
  const text = readFileSync(join(source, file), "utf8");
  for (const [, names = "", specifier] of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b([^"';]*?)from\s*"(\.[^"]+)"/g,
  )) {
    check(file, part, specifier, names);
  }
  for (const [, specifier] of text.matchAll(/import\(\s*"(\.[^"]+)"\s*\)/g)) check(file, part, specifier, "");
}

function check(file, part, specifier, names) {
  const target = relative(source, join(source, dirname(file), specifier)).replace(/\.js$/, ".ts");
  const targetPart = partOf(target);
  edges.set(`${part} -> ${targetPart}`, true);
  if (part !== targetPart && !(rank.get(targetPart) < rank.get(part))) {
    faults.push(`${file}: imports ${target}, but ${part} may not import ${targetPart}`);
  }
  for (const rule of reserved) {
    if (target === rule.from && new RegExp(`\\b${rule.name}\\b`).test(names) && !rule.by.includes(file)) {
      faults.push(`${file}: imports ${rule.name}, which only ${rule.by.join(", ")} may`);
    }
  }
}

if (edges.size === 0) faults.push("no imports found: the check itself is broken");
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
