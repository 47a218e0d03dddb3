import { ConfigurationError, quote } from "../errors.js";
import { nearest } from "../domain/names.js";
import type { KeyGroup, SopsMetadata } from "./metadata.js";
import { defaultSelector, selectorNames } from "./selectors.js";
import type { Selector } from "./selectors.js";

/** Whom a new file is encrypted for, and what of it. */
export interface CreationRule {
  /** Their `encrypted` is empty. */
  readonly groups: SopsMetadata["groups"];
  readonly threshold: number;
  readonly selector: Selector;
  readonly macOnlyEncrypted: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The keys of services outside this program, in a rule and in a group of one. */
const services = ["kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault", "hc_vault_transit_uri"];
const groupFields = ["merge", "age", "pgp", ...services];
const ruleFields = [
  "path_regex",
  "age",
  "pgp",
  "key_groups",
  "shamir_threshold",
  "mac_only_encrypted",
  "aws_profile",
  ...selectorNames,
  ...services,
];

/**
 * Finds the rule for a file in the text of a `.sops.yaml`: the first of `creation_rules` whose `path_regex` (RE2) matches
 * its path, or that has none.
 *
 * @param rulesFile - its name, for errors
 * @param place - the file's path relative to the folder of the rules, with `/`
 * @throws ConfigurationError naming the rule and the field
 */
export async function parseRules(text: string, rulesFile: string, place: string): Promise<CreationRule> {
  const data = await parseYaml(text, rulesFile);
  const rules = isFields(data) ? data["creation_rules"] : undefined;
  if (!Array.isArray(rules) || rules.length === 0)
    throw faultAt(rulesFile, ["creation_rules"], "expected a list of rules");
  for (const [index, rule] of rules.entries()) {
    const at = ["creation_rules", index];
    if (!isFields(rule)) throw faultAt(rulesFile, at, "expected a mapping");
    if (await matches(rule["path_regex"], place, [...at, "path_regex"], rulesFile))
      return readRule(rule, at, rulesFile);
  }
  throw new ConfigurationError(`no rule of ${quote(rulesFile)} is for ${quote(place)}`, [], {
    hint: "add one to `creation_rules` whose `path_regex` matches, or that has none",
  });
}

async function matches(regex: unknown, place: string, at: Path, rulesFile: string): Promise<boolean> {
  if (regex === undefined || regex === null || regex === "") return true;
  if (typeof regex !== "string") throw faultAt(rulesFile, at, "expected text");
  const { compileRe2 } = await import("./re2.js");
  const compiled = compileRe2(regex);
  if (compiled === undefined) throw faultAt(rulesFile, at, "expected a regular expression of RE2");
  return compiled.test(place);
}

function readRule(rule: Fields, at: Path, rulesFile: string): CreationRule {
  requireKnown(rule, ruleFields, at, rulesFile);
  const { key_groups: listed } = rule;
  const isGrouped = Array.isArray(listed) && listed.length > 0;
  const groups = isGrouped
    ? listed.map((group: unknown, index) => readGroup(group, [...at, "key_groups", index], rulesFile))
    : [keysOf(rule, at, rulesFile)];
  const [first, ...rest] = groups;
  const empty = groups.findIndex((group) => group.length === 0);
  if (first === undefined || empty >= 0) {
    throw faultAt(rulesFile, isGrouped ? [...at, "key_groups", empty] : at, "expected a key: `age` or `pgp`");
  }
  const said = selectorNames.flatMap((name) => {
    const text = rule[name];
    if (text === undefined || text === null || text === "") return [];
    if (typeof text !== "string") throw faultAt(rulesFile, [...at, name], "expected text");
    return [{ name, text }];
  });
  if (said[1] !== undefined)
    throw faultAt(rulesFile, [...at, said[1].name], `expected no other selector beside \`${said[0]?.name}\``);
  const { mac_only_encrypted: macOnlyEncrypted = false } = rule;
  if (typeof macOnlyEncrypted !== "boolean")
    throw faultAt(rulesFile, [...at, "mac_only_encrypted"], "expected true or false");
  return {
    groups: [first, ...rest],
    threshold: thresholdOf(rule["shamir_threshold"], groups.length, [...at, "shamir_threshold"], rulesFile),
    selector: said[0] ?? defaultSelector,
    macOnlyEncrypted,
  };
}

function thresholdOf(value: unknown, groups: number, at: Path, rulesFile: string): number {
  if (groups === 1) return 1;
  if (groups > 255) throw faultAt(rulesFile, at, "expected at most 255 groups");
  if (value === undefined || value === null || value === 0) return groups;
  if (typeof value === "number" && Number.isInteger(value) && value >= 2 && value <= groups) return value;
  throw faultAt(rulesFile, at, `expected a number from 2 to ${groups}, the number of groups`);
}

function readGroup(group: unknown, at: Path, rulesFile: string, depth = 0): KeyGroup {
  if (!isFields(group) || depth > 8) throw faultAt(rulesFile, at, "expected a mapping of keys");
  requireKnown(group, groupFields, at, rulesFile);
  const { merge = [] } = group;
  if (!Array.isArray(merge)) throw faultAt(rulesFile, [...at, "merge"], "expected a list of groups");
  const merged = merge.flatMap((each: unknown, index) =>
    readGroup(each, [...at, "merge", index], rulesFile, depth + 1),
  );
  return withoutRepeats([...merged, ...keysOf(group, at, rulesFile)]);
}

function keysOf(from: Fields, at: Path, rulesFile: string): KeyGroup {
  for (const service of services) {
    const value = from[service];
    if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    throw faultAt(
      rulesFile,
      [...at, service],
      "this program does not encrypt to that service; expected `age` or `pgp` keys only",
    );
  }
  const age = textsOf(from["age"], [...at, "age"], rulesFile).map(
    (recipient) => ({ kind: "age", recipient, encrypted: "" }) as const,
  );
  const pgp = textsOf(from["pgp"], [...at, "pgp"], rulesFile).map((text) => {
    const fingerprint = text.replace(/\s/g, "").toUpperCase();
    // A short key id can be made by anybody.
    if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})!?$/.test(fingerprint))
      return { kind: "pgp", fingerprint, encrypted: "" } as const;
    throw faultAt(
      rulesFile,
      [...at, "pgp"],
      `expected a whole fingerprint (40 or 64 hexadecimal digits), found ${quote(text)}`,
    );
  });
  return withoutRepeats([...age, ...pgp]);
}

/** A list, or a text with commas, or a list of such texts. */
function textsOf(value: unknown, at: Path, rulesFile: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) => {
    if (typeof each !== "string") throw faultAt(rulesFile, at, "expected text or a list of texts");
    return each
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean);
  });
}

function withoutRepeats(group: KeyGroup): KeyGroup {
  return [...new Map(group.map((key) => [JSON.stringify(key), key])).values()];
}

function requireKnown(fields: Fields, known: readonly string[], at: Path, rulesFile: string): void {
  for (const field of Object.keys(fields)) {
    if (known.includes(field)) continue;
    const suggestion = nearest(field, known);
    throw faultAt(
      rulesFile,
      [...at, field],
      `unknown key${suggestion === undefined ? "" : `; did you mean ${quote(suggestion)}?`}`,
    );
  }
}

type Path = readonly (string | number)[];

function faultAt(file: string, path: Path, message: string): ConfigurationError {
  return new ConfigurationError(`${quote(file)}: ${path.join(".")}: ${message}`, [{ path, message, file }]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function parseYaml(text: string, rulesFile: string): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    const parsed: unknown = parse(text, { maxAliasCount: 100, logLevel: "silent" });
    return parsed;
  } catch (cause) {
    throw new ConfigurationError(`${quote(rulesFile)} is not valid YAML`, [], { cause });
  }
}
