import { builtInBackends } from "../backends/registry.js";
import type { BackendDefinition, OptionRow } from "../backends/contract.js";

/** The kinds of store there are, each with what it does and its options. */
export function storesHelp(): string {
  return [
    "stores: what may stand after `backend:` in the configuration",
    "",
    ...builtInBackends.flatMap((definition) => [...describe(definition), ""]),
  ].join("\n");
}

function describe(definition: BackendDefinition): readonly string[] {
  const { kind, description, can, enforcement, options, paths } = definition;
  const abilities = ["read", ...(["write", "delete", "list"] as const).filter((ability) => can[ability])];
  const rows = Object.entries(options).map(([name, row]) => [name, textOf(row)] as const);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return [
    `  ${kind}  ${description}`,
    `    can ${abilities.join(", ")}; enforcement ${enforcement}; paths: ${paths.description}`,
    ...rows.map(([name, text]) => `    ${name.padEnd(width)}  ${text}`),
  ];
}

function textOf({ description, required, needsTrust }: OptionRow): string {
  return `${description}${required === true ? " (required)" : ""}${needsTrust === undefined ? "" : "; needs trust"}`;
}
