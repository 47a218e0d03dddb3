import { InvalidInputError, quote } from "../../errors.js";
import { isScalar } from "../additions.js";
import type { SopsScalar, SopsTree } from "../document.js";
import { scalarBytes } from "../scalar.js";

/** @throws InvalidInputError when no spelling would give the text back */
export function writeIniValue(scalar: SopsScalar): string {
  const text = textOf(scalar);
  if (/[\n`]/.test(text)) {
    if (text.includes('"""') || text.endsWith('"'))
      throw new InvalidInputError('an INI file of SOPS cannot hold several lines with `"""` in them');
    return `"""${text}"""`;
  }
  const isPlain = /^[!$-~](?:[ -~]*[!-~])?$/.test(text) && !/[#;]/.test(text) && !/^['"]|\\$/.test(text);
  return isPlain || text === "" ? text : `\`${text}\``;
}

function textOf(scalar: SopsScalar): string {
  if (scalar.type === "null") throw new InvalidInputError("an INI file cannot hold null");
  if (scalar.type === "bytes") throw new InvalidInputError("an INI file cannot hold text that is not UTF-8");
  if (scalar.type === "bool") return String(scalar.value);
  return Buffer.from(scalarBytes(scalar) ?? []).toString("utf8");
}

export function writeIniKey(key: string): string {
  const isWritable = key.trim() === key && key !== "" && key !== "-" && !/[\r\n`]/.test(key) && !key.startsWith("#");
  if (!isWritable) throw new InvalidInputError(`an INI file of SOPS cannot hold the key ${quote(key)}`);
  return /["=:]|^[[;]/.test(key) ? `\`${key}\`` : key;
}

export function writeIniSection(name: string): string {
  if (name.trim() !== "" && !/[\r\n\]#;]/.test(name) && name !== "DEFAULT") return `[${name}]`;
  throw new InvalidInputError(`an INI file of SOPS cannot hold the section ${quote(name)}`);
}

/** Keys and values with their `=` in one column. */
export function writeIniKeys(entries: readonly (readonly [string, SopsTree])[]): readonly string[] {
  const pairs = entries.map(([key, value]) => {
    if (!isScalar(value))
      throw new InvalidInputError("an INI file holds sections with keys and values, no more levels");
    return [writeIniKey(key), writeIniValue(value)] as const;
  });
  const width = Math.max(0, ...pairs.map(([key]) => key.length));
  return pairs.map(([key, value]) => `${key.padEnd(width)} = ${value}`);
}

/** Sections with an empty line between them. */
export function writeIni(tree: ReadonlyMap<string, SopsTree>): string {
  return [...tree]
    .map(([name, section]) => {
      if (!(section instanceof Map)) {
        throw new InvalidInputError(`an INI file holds keys in sections only: ${quote(name)} is in none`);
      }
      const keys = writeIniKeys([...section]);
      return [...(name === "DEFAULT" ? [] : [writeIniSection(name)]), ...keys].map((line) => `${line}\n`).join("");
    })
    .join("\n");
}
