import { environmentName } from "../domain/names.js";

/** What a new configuration starts with. */
export interface NewConfiguration {
  readonly storeName: string;
  /** Names whose path in the store is the name. */
  readonly refs: readonly string[];
  /** The holder of the first key; `undefined` for a store whose format knows none. */
  readonly keyholder: { readonly name: string; readonly recipient: string } | undefined;
}

/** The text of a new project's template. */
export function newTemplate(names: readonly string[]): string {
  const lines = names.map((name) => `${environmentName(name)}=\n`).join("");
  return `# The names this project needs, one NAME= a line. No values: this file is committed.\n${lines}`;
}

/** The text of a new project's configuration. */
export function newConfiguration({ storeName, refs, keyholder }: NewConfiguration): string {
  return `# Who may read what. This file holds no secret: commit it.
version: 1

stores:
  local: { backend: sealed, path: ${storeName} }

${refs.length === 0 ? "refs: {}" : `refs:\n${refs.map((name) => `  ${name}: { store: local, policy: default }`).join("\n")}`}

policies:
  default:
    allowed_principals: [developer]
    actions: [read, write]

${keyholder === undefined ? "" : keyholdersOf(keyholder)}audit: { path: audit.jsonl }
defaults: { store: local, policy: default }

# Who asks, on the command line; flags and MXM_* variables win.
identity: { environment: dev, role: developer }
`;
}

function keyholdersOf({ name, recipient }: { readonly name: string; readonly recipient: string }): string {
  return `# Who holds which key, and may act as whom.
keyholders:
  ${name}:
    age: ${recipient}
    principals: [developer]
    write: true

`;
}
