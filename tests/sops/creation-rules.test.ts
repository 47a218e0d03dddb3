import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/errors.js";
import { parseRules } from "../../src/sops/creation-rules.js";

const fingerprint = "C5B439A857C14E623991AC968AB0D50BF19639B4";
const other = "64022ED2190AB25ECEE0E41A419F5C5C362C0F41";
const parse = async (text: string, place = "prod/secrets.yaml") => parseRules(text, ".sops.yaml", place);
const age = (recipient: string) => ({ kind: "age", recipient, encrypted: "" });
const pgp = (text: string) => ({ kind: "pgp", fingerprint: text, encrypted: "" });
const failure = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ConfigurationError)) throw thrown;
  return thrown;
};

describe("of the creation rules", () => {
  const rules = `
creation_rules:
  - path_regex: ^dev/
    age: age1dev
  - path_regex: \\.yaml$
    age: age1prod
  - age: age1rest
`;
  test.each([
    ["dev/a.yaml", "age1dev"],
    ["prod/a.yaml", "age1prod"],
    ["prod/a.json", "age1rest"],
  ])("the first that matches %s counts", async (place, recipient) => {
    expect((await parse(rules, place)).groups).toEqual([[age(recipient)]]);
  });

  test("none may match, which is said", async () => {
    const error = await failure(parse("creation_rules: [{ path_regex: ^x, age: age1a }]"));
    expect(error.message).toBe("no rule of `.sops.yaml` is for `prod/secrets.yaml`");
  });
});

describe("a creation rule", () => {
  test.each([
    ["age: 'age1a, age1b,'", [[age("age1a"), age("age1b")]]],
    ["age: [age1a, 'age1b,age1c']", [[age("age1a"), age("age1b"), age("age1c")]]],
    [`pgp: '${fingerprint.toLowerCase()},${other}'`, [[pgp(fingerprint), pgp(other)]]],
    ["pgp: 'C5B4 39A8 57C1 4E62 3991  AC96 8AB0 D50B F196 39B4'", [[pgp(fingerprint)]]],
    [`age: age1a\n    pgp: ${fingerprint}`, [[age("age1a"), pgp(fingerprint)]]],
    ["age: [age1a, age1a]", [[age("age1a")]]],
    [`age: age1z\n    key_groups: [{ age: [age1a] }, { pgp: ['${other}'] }]`, [[age("age1a")], [pgp(other)]]],
    ["key_groups: [{ merge: [{ age: [age1a] }, { age: [age1b] }], age: [age1a] }]", [[age("age1a"), age("age1b")]]],
    ["age: age1a\n    kms: ''\n    gcp_kms: []", [[age("age1a")]]],
  ])("with the keys %s", async (keys, groups) => {
    expect((await parse(`creation_rules:\n  - path_regex: ''\n    ${keys}`)).groups).toEqual(groups);
  });

  test("needs all groups unless it says fewer", async () => {
    const groups = "key_groups: [{ age: [age1a] }, { age: [age1b] }, { age: [age1c] }]";
    expect((await parse(`creation_rules: [{ ${groups} }]`)).threshold).toBe(3);
    expect((await parse(`creation_rules: [{ ${groups}, shamir_threshold: 2 }]`)).threshold).toBe(2);
    expect((await failure(parse(`creation_rules: [{ ${groups}, shamir_threshold: 4 }]`))).message).toContain(
      "expected a number from 2 to 3",
    );
  });

  test("says what is encrypted", async () => {
    const rule = await parse("creation_rules: [{ age: age1a, encrypted_regex: ^data$, mac_only_encrypted: true }]");
    expect(rule).toMatchObject({ selector: { name: "encrypted_regex", text: "^data$" }, macOnlyEncrypted: true });
    expect((await parse("creation_rules: [{ age: age1a }]")).selector).toEqual({
      name: "unencrypted_suffix",
      text: "_unencrypted",
    });
  });

  test.each([
    ["kms: arn:aws:kms:eu:1:key/2", "creation_rules.0.kms"],
    ["gcp_kms: projects/p", "creation_rules.0.gcp_kms"],
    ["azure_keyvault: https://v", "creation_rules.0.azure_keyvault"],
    ["hc_vault_transit_uri: https://v", "creation_rules.0.hc_vault_transit_uri"],
    ["hckms: [a]", "creation_rules.0.hckms"],
    ["key_groups: [{ age: [age1a], kms: [{ arn: a }] }]", "creation_rules.0.key_groups.0.kms"],
    ["key_groups: [{ age: [] }]", "creation_rules.0.key_groups.0"],
    ["age: ''", "creation_rules.0"],
    ["age: 7", "creation_rules.0.age"],
    ["pgp: 0A1B2C3D", "creation_rules.0.pgp"],
    ["age: age1a, encrypted_regexp: ^a", "creation_rules.0.encrypted_regexp"],
    ["age: age1a, encrypted_regex: ^a, unencrypted_suffix: _x", "creation_rules.0.encrypted_regex"],
    ["age: age1a, mac_only_encrypted: yes please", "creation_rules.0.mac_only_encrypted"],
    ["age: age1a, path_regex: (?=a)", "creation_rules.0.path_regex"],
  ])("with %s is refused with its place", async (keys, place) => {
    const error = await failure(parse(`creation_rules: [{ ${keys} }]`));
    expect(error.message).toContain(`\`.sops.yaml\`: ${place}: `);
    expect(error.problems[0]?.path.join(".")).toBe(place);
  });

  test("with a misspelt key is told the one that was meant", async () => {
    const error = await failure(parse("creation_rules: [{ age: age1a, encrypted_regexp: ^a }]"));
    expect(error.message).toContain("did you mean `encrypted_regex`?");
  });
});

test.each([
  "",
  "[]",
  "creation_rules: {}",
  "creation_rules: []",
  "creation_rules: [7]",
  "a: [",
  "destination_rules: []",
])("rules that are none are a configuration error: %j", async (text) => {
  expect((await failure(parse(text))).code).toBe("configuration");
});
