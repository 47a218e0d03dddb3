import type { SopsScalar } from "../document.js";
import { textOrBytes } from "../text-or-bytes.js";
import { parseTimestamp } from "./timestamp.js";

const words: ReadonlyMap<string, SopsScalar> = new Map<string, SopsScalar>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, { type: "null" }] as const),
  ...["true", "True", "TRUE"].map((word) => [word, { type: "bool", value: true }] as const),
  ...["false", "False", "FALSE"].map((word) => [word, { type: "bool", value: false }] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, { type: "float", value: Number.NaN }] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(
    (word) => [word, { type: "float", value: Infinity }] as const,
  ),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, { type: "float", value: -Infinity }] as const),
]);

const shortTag = "tag:yaml.org,2002:";

/**
 * What a scalar of YAML is to SOPS, by the rules of go-yaml v3 (resolve.go): YAML 1.2 with octals of 1.1 (`0777`),
 * underscores in numbers and timestamps, without `yes` and `no`.
 *
 * @param tag - as written, or `undefined`
 * @returns `undefined` when the tag does not fit the text, and for an integer beyond 64 bits signed, which SOPS cannot
 *   hold
 */
export function resolveScalar(text: string, isPlain: boolean, tag: string | undefined): SopsScalar | undefined {
  const kind = tagKind(tag);
  if (kind === "str" || (kind === undefined && tag !== undefined && tag !== "!")) return { type: "str", value: text };
  if (kind === "binary") return binary(text);
  if (kind === undefined) return isPlain ? resolvePlain(text) : { type: "str", value: text };
  const found = resolvePlain(text, kind === "timestamp");
  if (found === undefined) return undefined;
  if (kind === "float" && found.type === "int") return { type: "float", value: Number(found.value) };
  return found.type === tagTypes[kind] ? found : undefined;
}

const tagTypes = { null: "null", bool: "bool", int: "int", float: "float", timestamp: "time" } as const;

type Kind = keyof typeof tagTypes | "str" | "binary";

function tagKind(tag: string | undefined): Kind | undefined {
  const name = tag?.startsWith("!<") === true ? tag.slice(2, -1).replace(shortTag, "!!") : tag;
  const kinds: Readonly<Partial<Record<string, Kind>>> = {
    "!!str": "str",
    "!!binary": "binary",
    "!!null": "null",
    "!!bool": "bool",
    "!!int": "int",
    "!!float": "float",
    "!!timestamp": "timestamp",
  };
  return name === undefined ? undefined : kinds[name];
}

/** A scalar without quotes and tag. `undefined`: an integer that SOPS cannot hold. */
export function resolvePlain(text: string, mayBeTime = true): SopsScalar | undefined {
  const word = words.get(text);
  if (word !== undefined) return word;
  const string = { type: "str", value: text } as const;
  if (text.startsWith(".")) return /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/.test(text) ? (float(text) ?? string) : string;
  if (!/^[-+0-9]/.test(text)) return string;
  const time = mayBeTime ? parseTimestamp(text) : undefined;
  if (time !== undefined) return { type: "time", value: time };
  const plain = text.replaceAll("_", "");
  const integer = parseInteger(plain);
  if (integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 64n) {
    return integer < 2n ** 63n ? { type: "int", value: integer } : undefined;
  }
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return float(plain) ?? string;
  return string;
}

/** As Go's `strconv.ParseInt(text, 0, 64)` of any length, and what go-yaml tries after it. */
function parseInteger(text: string): bigint | undefined {
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const found =
    /^(?:0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.exec(digits)?.[0] ??
    /^0[0-7]+$/.exec(digits)?.[0].replace(/^0/, "0o");
  if (found !== undefined) return sign === "-" ? -BigInt(found.toLowerCase()) : BigInt(found.toLowerCase());
  const [, prefix, inner = "", rest] = /^(0[bo])([-+])([0-7]+)$/.exec(text) ?? [];
  if (prefix === undefined || rest === undefined || (prefix === "0b" && /[2-7]/.test(rest))) return undefined;
  return inner === "-" ? -BigInt(prefix + rest) : BigInt(prefix + rest);
}

function float(text: string): SopsScalar | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { type: "float", value } : undefined;
}

function binary(text: string): SopsScalar | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return textOrBytes(Buffer.from(compact, "base64"));
}
