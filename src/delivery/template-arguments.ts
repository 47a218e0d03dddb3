import { InvalidInputError } from "../errors.js";
import { checkOptions } from "../resolution/request-shape.js";
import { escapes } from "../templates/escape.js";
import { formats } from "../templates/formats.js";

const optionKeys: ReadonlySet<string> = new Set([
  "api",
  "identity",
  "reason",
  "signal",
  "file",
  "format",
  "escape",
  "warn",
]);

/** What a caller without types may get wrong about a template and its options. @throws InvalidInputError */
export function checkTemplateArguments(text: unknown, options: unknown): void {
  if (typeof text !== "string") throw new InvalidInputError("`template`: expected a string");
  checkOptions(options, optionKeys);
  const given: Readonly<Partial<Record<string, unknown>>> = { ...(typeof options === "object" ? options : {}) };
  if (given["file"] !== undefined && typeof given["file"] !== "string") {
    throw new InvalidInputError("`file`: expected a string");
  }
  requireOneOf("format", given["format"], Object.keys(formats));
  requireOneOf("escape", given["escape"], Object.keys(escapes));
}

/** @throws InvalidInputError unless the caller brought an api */
export function checkApi(api: unknown): void {
  const isApi = typeof api === "object" && api !== null && "openSecrets" in api && "explain" in api;
  if (!isApi) throw new InvalidInputError("`api`: expected a SecretsApi");
}

function requireOneOf(name: string, value: unknown, words: readonly string[]): void {
  if (value === undefined || (typeof value === "string" && words.includes(value))) return;
  throw new InvalidInputError(`\`${name}\`: expected one of ${words.join(", ")}`);
}
