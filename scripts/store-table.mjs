// The table of stores and their options in docs/configuration.md, made from the registry.
import { readdirSync, readFileSync } from "node:fs";

const docs = new URL("../docs/", import.meta.url);
const begin = "<!-- stores: from the registry, written by scripts/make-schema.mjs -->";
const end = "<!-- end of stores -->";

const types = {
  string: "text",
  boolean: "true, false",
  number: "number",
  strings: "list of texts",
  file: "file",
  store: "store",
  stores: "list of stores",
  argv: "program and arguments",
  key: "key",
};

/** @returns the text of docs/configuration.md with the table for these kinds of store */
export function withStoreTable(text, definitions) {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error("docs/configuration.md has no place for the table of stores");
  return `${before}${begin}\n\n${storeTable(definitions)}\n${end}${after}`;
}

/** The page of the documentation about a kind: the one of its name, or the one that says so in its first line. */
export function pageOf(kind) {
  const pages = readdirSync(docs).filter((name) => name.endsWith(".md"));
  const own = `${kind.replaceAll("_", "-")}.md`;
  return pages.find((name) => name === own) ?? pages.find((name) => kindsIn(name).includes(kind));
}

function kindsIn(page) {
  const [, kinds = ""] = /^<!-- backends: ([a-z0-9_, ]+) -->\n/.exec(readFileSync(new URL(page, docs), "utf8")) ?? [];
  return kinds.split(", ");
}

function storeTable(definitions) {
  const rows = definitions.flatMap(({ kind, description, options }) => [
    [link(kind), "", "", description],
    ...Object.entries(options).map(([name, row]) => ["", `\`${name}\``, typeOf(row), remark(row)]),
  ]);
  const lines = [["backend", "option", "type", ""], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `|${cells.map(cellOf).join("|")}|\n`).join("");
}

function cellOf(text) {
  if (text === "" || text === "---") return text || " ";
  return ` ${text.replaceAll("|", "\\|")} `;
}

function link(kind) {
  const page = pageOf(kind);
  return page === undefined ? `\`${kind}\`` : `[\`${kind}\`](${page})`;
}

function typeOf({ type, required, words }) {
  const form = words?.map((word) => `\`${word}\``).join(", ") ?? types[type] ?? type.replaceAll("_", " ");
  return `${form}${required ? ", required" : ""}`;
}

function remark({ description, needsTrust }) {
  return needsTrust === undefined ? description : `${description}; ${needsTrust}, so it [needs trust](#trust)`;
}
