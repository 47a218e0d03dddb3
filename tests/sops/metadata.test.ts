import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { Metadata } from "../../src/sops/document.js";
import { keyNames, readMetadata } from "../../src/sops/metadata.js";

const age = [{ recipient: "age1x", enc: "armored" }];
const least: Metadata = { age, lastmodified: "2026-11-29T18:00:00Z", mac: "ENC[…]" };
const failure = (fields: Metadata) => {
  try {
    readMetadata(fields, "secrets.yaml");
  } catch (error) {
    if (isSecretsError(error)) return error;
    throw error;
  }
  return undefined;
};

describe("the metadata of a file", () => {
  test("with one key is one group, SOPS's own selector, and a MAC over all values", () => {
    expect(readMetadata(least, "f")).toEqual({
      groups: [[{ kind: "age", recipient: "age1x", encrypted: "armored" }]],
      threshold: 1,
      selector: { name: "unencrypted_suffix", text: "_unencrypted" },
      macOnlyEncrypted: false,
      mac: "ENC[…]",
      lastModified: "2026-11-29T18:00:00Z",
    });
  });

  test("names every key in words, those of services too", () => {
    const fields: Metadata = {
      ...least,
      pgp: [{ fp: "0A1B", enc: "x", created_at: "" }],
      kms: [{ arn: "arn:aws:kms:eu:1:key/2", enc: "x" }],
      gcp_kms: [{ resource_id: "projects/p/k", enc: "x" }],
      hckms: [{ key_id: "r:1", enc: "x" }],
      azure_kv: [{ vault_url: "https://v", name: "k", version: "1", enc: "x" }],
      hc_vault: [{ vault_address: "https://h", engine_path: "t", key_name: "n", enc: "x" }],
    };
    expect(keyNames(readMetadata(fields, "f"))).toEqual([
      "age age1x",
      "pgp 0A1B",
      "kms arn:aws:kms:eu:1:key/2",
      "gcp_kms projects/p/k",
      "hckms r:1",
      "azure_kv https://v k",
      "hc_vault https://h n",
    ]);
  });

  test("with key groups needs as many as it says, all without a number, also where numbers are text", () => {
    const { age: _age, ...rest } = least;
    const grouped: Metadata = { ...rest, key_groups: [{ age }, { age }, { age, hc_vault: [] }] };
    expect(readMetadata(grouped, "f").threshold).toBe(3);
    expect(readMetadata({ ...grouped, shamir_threshold: 2 }, "f").threshold).toBe(2);
    expect(readMetadata({ ...grouped, shamir_threshold: "2" }, "f").threshold).toBe(2);
    for (const threshold of [1, 4, -1, 2.5, "two", true]) {
      expect(failure({ ...grouped, shamir_threshold: threshold })?.code).toBe("integrity");
    }
  });

  test("as text, as env and INI files have it, says the same", () => {
    expect(readMetadata({ ...least, mac_only_encrypted: "true" }, "f").macOnlyEncrypted).toBe(true);
    expect(readMetadata({ ...least, encrypted_regex: "^a" }, "f").selector).toEqual({
      name: "encrypted_regex",
      text: "^a",
    });
  });

  test.each([
    ["2026-11-29T18:00:00.123456Z", "2026-11-29T18:00:00Z"],
    ["2026-11-29T18:00:00+00:00", "2026-11-29T18:00:00Z"],
    ["2026-11-29T18:00:00+02:00", "2026-11-29T18:00:00+02:00"],
  ])("has its time %s spelt as SOPS spells it for the MAC", (given, expected) => {
    expect(readMetadata({ ...least, lastmodified: given }, "f").lastModified).toBe(expected);
  });

  test.each<[string, Metadata]>([
    ["age", { lastmodified: "2026-11-29T18:00:00Z" }],
    ["age", { ...least, age: "age1x" }],
    ["age", { ...least, age: ["age1x"] }],
    ["enc", { ...least, age: [{ recipient: "age1x" }] }],
    ["age", { ...least, age: Array.from({ length: 1001 }, () => ({ recipient: "age1x", enc: "armored" })) }],
    ["key_groups", { lastmodified: least["lastmodified"] ?? "", key_groups: [{ age }, {}] }],
    ["lastmodified", { age }],
    ["lastmodified", { ...least, lastmodified: "yesterday" }],
    ["lastmodified", { ...least, lastmodified: "2026-99-29T18:00:00Z" }],
    ["mac", { ...least, mac: 7 }],
    ["mac_only_encrypted", { ...least, mac_only_encrypted: "maybe" }],
    ["encrypted_regex", { ...least, unencrypted_suffix: "_x", encrypted_regex: "y" }],
  ])("that SOPS could not have written is an integrity error that names the field %s", (field, fields) => {
    const error = failure(fields);
    expect(error?.code).toBe("integrity");
    expect(error?.message).toContain(`\`secrets.yaml\`: its \`sops\` metadata: ${field}: expected `);
    expect(error?.problems[0]?.path).toEqual(["sops", field]);
  });
});
