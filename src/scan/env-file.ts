import { isUtf8 } from "node:buffer";
import { parseDotenv } from "../dotenv/parse.js";
import { looksLikePlaceholder } from "../dotenv/placeholder.js";
import { isSecretsError } from "../errors.js";

/** One variable of an env file. */
export interface EnvVariable {
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

/** Templates, and what other tools encrypt. */
const harmlessEnding = /\.(?:age|asc|defaults?|dist|enc|example|gpg|sample|schema|template|tpl|vault)$/i;

/** Whether a file is an env file of a program, by its name without directories, and not a template of one. */
export function isEnvFileName(name: string): boolean {
  return /^\.env(?:\..+)?$/i.test(name) && !harmlessEnding.test(name);
}

/** The variables of an env file that hold plaintext: no blank, no placeholder, no switch or small number, nothing encrypted. */
export function plaintextVariables(bytes: Uint8Array): readonly EnvVariable[] {
  const entries = entriesOf(Buffer.from(textOf(bytes)));
  const isSops = entries.some(({ value }) => value.startsWith("ENC[AES256_GCM,"));
  return entries
    .filter(({ name, value }) => isPlaintext(value) && !(isSops && name.startsWith("sops_")))
    .map(({ name, line }) => ({ name, line }));
}

function isPlaintext(value: string): boolean {
  if (/^(?:|true|false|yes|no|on|off|null|none|\d{1,5})$/i.test(value)) return false;
  if (/^(?:ENC\[AES256_GCM,|encrypted:)/.test(value)) return false;
  if (/^\$(?:\w+|\{[^{}]*\}|\{\{[^{}]*\}\})$/.test(value)) return false;
  return !looksLikePlaceholder(value);
}

/** The text in whatever encoding an editor or a shell gave it; none for what is no text, such as an encrypted file. */
function textOf(bytes: Uint8Array): string {
  const encoding = byteOrderMarks.find(({ mark }) => Buffer.from(mark).equals(bytes.subarray(0, 2)))?.encoding;
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes);
  if (isUtf8(bytes)) return Buffer.from(bytes).toString("utf8");
  return bytes.includes(0) ? "" : Buffer.from(bytes).toString("latin1");
}

const byteOrderMarks = [
  { mark: [0xff, 0xfe], encoding: "utf-16le" },
  { mark: [0xfe, 0xff], encoding: "utf-16be" },
] as const;

/** A file that our own reader refuses is no less plaintext. */
function entriesOf(bytes: Uint8Array): readonly (EnvVariable & { readonly value: string })[] {
  try {
    return parseDotenv(bytes, ".env").map(({ key, value, line }) => ({ name: key, value, line }));
  } catch (thrown) {
    if (!isSecretsError(thrown)) throw thrown;
  }
  const lines = Buffer.from(bytes)
    .toString("utf8")
    .split(/\r\n?|\n/);
  return lines.flatMap((text, index) => {
    const [, name, value] = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*["'`]?([^"'`\s]*)/.exec(text) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value, line: index + 1 }];
  });
}
