import { IntegrityError, quote } from "../errors.js";
import type { Metadata as Fields } from "./document.js";
import { defaultSelector, selectorNames } from "./selectors.js";
import type { Selector } from "./selectors.js";

/** One key that the data key, or its group's part of it, is encrypted to. */
export type MasterKey =
  /** `encrypted`: an armored age file. */
  | { readonly kind: "age"; readonly recipient: string; readonly encrypted: string }
  /** `encrypted`: an armored OpenPGP message. */
  | { readonly kind: "pgp"; readonly fingerprint: string; readonly encrypted: string }
  /** A service that this program does not ask. `name` is for messages: `kms arn:aws:kms:…`. */
  | { readonly kind: "cloud"; readonly name: string };

/** Keys of which any one is enough. */
export type KeyGroup = readonly MasterKey[];

/** What the `sops` part of a file says. */
export interface SopsMetadata {
  /** At least one. More than one: each holds a part of the data key. */
  readonly groups: readonly [KeyGroup, ...KeyGroup[]];
  /** How many groups are needed. */
  readonly threshold: number;
  readonly selector: Selector;
  readonly macOnlyEncrypted: boolean;
  /** Encrypted; `undefined` when the file has none. */
  readonly mac: string | undefined;
  /** In the spelling that the MAC is bound to: RFC 3339, whole seconds. */
  readonly lastModified: string;
}

const maximumKeys = 1000;

/** Of each kind of key: the field it is listed under, and how one entry is read. */
const keyKinds: readonly { readonly field: string; readonly read: (entry: Fields, reader: Reader) => MasterKey }[] = [
  {
    field: "age",
    read: (entry, { text }) => ({ kind: "age", recipient: text(entry, "recipient"), encrypted: text(entry, "enc") }),
  },
  {
    field: "pgp",
    read: (entry, { text }) => ({ kind: "pgp", fingerprint: text(entry, "fp"), encrypted: text(entry, "enc") }),
  },
  ...(
    [
      ["kms", "arn"],
      ["gcp_kms", "resource_id"],
      ["hckms", "key_id"],
      ["azure_kv", "vault_url", "name"],
      ["hc_vault", "vault_address", "key_name"],
    ] as const
  ).map(([field, ...parts]) => ({
    field,
    read: (entry: Fields, { text }: Reader): MasterKey => ({
      kind: "cloud",
      name: `${field} ${parts.map((part) => text(entry, part)).join(" ")}`,
    }),
  })),
];

interface Reader {
  readonly text: (entry: Fields, field: string) => string;
}

/**
 * Reads the `sops` part of a file.
 *
 * @param file - its name, for errors
 * @throws IntegrityError, naming file and field, for what SOPS could not have written
 */
export function readMetadata(fields: Fields, file: string): SopsMetadata {
  const fault = (field: string, expected: string): never => {
    const message = `${quote(file)}: its \`sops\` metadata: ${field}: expected ${expected}`;
    throw new IntegrityError(message, { problems: [{ path: ["sops", field], message: `expected ${expected}`, file }] });
  };
  const text = (entry: Fields, field: string): string => {
    const value = entry[field];
    return typeof value === "string" && value !== "" ? value : fault(field, "text");
  };
  const optionalText = (field: string): string | undefined => {
    const value = fields[field];
    if (value === undefined || value === null || value === "") return undefined;
    return typeof value === "string" ? value : fault(field, "text");
  };
  const entries = (from: Fields, field: string): readonly Fields[] => {
    const list = from[field];
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) return fault(field, "a list");
    return list.map((entry: unknown) => (isFields(entry) ? entry : fault(field, "a list of mappings")));
  };
  const groupOf = (from: Fields): KeyGroup =>
    keyKinds.flatMap(({ field, read }) => entries(from, field).map((entry) => read(entry, { text })));

  const own = groupOf(fields);
  const [first, ...rest] = own.length > 0 ? [own] : entries(fields, "key_groups").map(groupOf);
  if (first === undefined || [first, ...rest].some((group) => group.length === 0)) {
    return fault(first === undefined ? "age" : "key_groups", "at least one key");
  }
  const count = [first, ...rest].flat().length;
  // Each may have to be tried, and each PGP key takes a run of gpg.
  if (count > maximumKeys) return fault("age", `at most ${maximumKeys} keys`);
  const said = selectorNames.flatMap((name) => {
    const selector = optionalText(name);
    return selector === undefined ? [] : [{ name, text: selector }];
  });
  if (said.length > 1) fault(said[1]?.name ?? "", `no other selector beside \`${said[0]?.name}\``);
  return {
    groups: [first, ...rest],
    threshold:
      thresholdOf(fields["shamir_threshold"], rest.length + 1) ??
      fault("shamir_threshold", "the number of groups that are needed"),
    selector: said[0] ?? defaultSelector,
    macOnlyEncrypted: flagOf(fields["mac_only_encrypted"]) ?? fault("mac_only_encrypted", "true or false"),
    mac: optionalText("mac"),
    lastModified: wholeSeconds(text(fields, "lastmodified")) ?? fault("lastmodified", "a time in RFC 3339"),
  };
}

/** Env and INI files hold text only. @returns `undefined` for what makes no sense */
function thresholdOf(value: unknown, groups: number): number | undefined {
  if (groups === 1) return 1;
  if (value === undefined || value === null || Number(value) === 0) return groups;
  const threshold = typeof value === "string" && /^[0-9]{1,3}$/.test(value) ? Number(value) : value;
  const fits = typeof threshold === "number" && Number.isInteger(threshold) && threshold >= 2 && threshold <= groups;
  return fits ? threshold : undefined;
}

function flagOf(value: unknown): boolean | undefined {
  if (value === undefined || value === null || value === false || value === "false" || value === "") return false;
  return value === true || value === "true" ? true : undefined;
}

/** As SOPS spells the time again before it opens the MAC. @returns `undefined` for what is no time */
function wholeSeconds(text: string): string | undefined {
  const [, start, zone] =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/.exec(text) ?? [];
  if (start === undefined || zone === undefined || Number.isNaN(Date.parse(start + zone))) return undefined;
  return start + (/^[+-]00:00$/.test(zone) ? "Z" : zone);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `2026-11-29T18:03:42Z`: a time as the metadata has it. */
export function timeOfMetadata(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Every key that a file names, in words: `age age1…`, `pgp 0A1B…`, `kms arn:…`. */
export function keyNames({ groups }: Pick<SopsMetadata, "groups">): readonly string[] {
  return [...new Set(groups.flat().map(keyName))];
}

/** One key in words. */
export function keyName(key: MasterKey): string {
  if (key.kind === "cloud") return key.name;
  return key.kind === "age" ? `age ${key.recipient}` : `pgp ${key.fingerprint}`;
}
