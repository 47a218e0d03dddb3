import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/runtime/load-config.js";
import { kinds } from "../support/kinds.js";
import { configProject, core, withRoot } from "../support/config-project.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

const project = (files: Record<string, string>, checkedBy?: string) => configProject(scratch(), files, checkedBy);
const yaml = (text: string, checkedBy?: string) => project({ "mxm-secrets.yaml": text }, checkedBy);

describe("a configuration file", () => {
  it("is loaded", async () => {
    const { load, directory } = yaml(core);
    const { config, files } = await load();
    expect(config.refs.get("api_key")?.path).toBe("marketdata/api_key");
    expect(files).toEqual([path.join(directory, "mxm-secrets.yaml")]);
  });

  it("that is faulty says every problem with its line, whether or not it comes from the cache", async () => {
    const text = core.replace("store: red", "store: rde").replace("policy: readers", "polcy: readers");
    const { problems } = yaml(text);
    const expected = [
      "mxm-secrets.yaml:6: refs.api_key.store: unknown store `rde`; did you mean `red`?",
      "mxm-secrets.yaml:8: refs.api_key.polcy: unknown key `polcy`; did you mean `policy`?",
      "mxm-secrets.yaml:5: refs.api_key.policy: expected a string, found nothing",
    ];
    expect(await problems()).toEqual(expected);
    expect(await problems()).toEqual(expected);
  });

  it.each([
    ["a key that occurs twice", "refs: {}\nrefs: {}\n", ["mxm-secrets.yaml:2: refs: the key `refs` is here twice"]],
    ["several documents", `${core}---\n${core}`, ["mxm-secrets.yaml:11: expected one document"]],
    [
      "a merge key",
      "a: &a { b: c }\nd: { <<: *a }\n",
      ['mxm-secrets.yaml:2: d["<<"]: merge keys are not supported: write the keys out'],
    ],
    [
      "a key that is no string",
      "refs:\n  1: {}\n",
      ["mxm-secrets.yaml:2: refs: expected a key that is a string (put others in quotes)"],
    ],
    [
      "a number that is none",
      "a: .nan\n",
      ["mxm-secrets.yaml:1: a: expected a string, a finite number, true, false or null"],
    ],
    ["another version of YAML", "%YAML 1.1\n---\na: yes\n", ["mxm-secrets.yaml:1: expected YAML 1.2"]],
    [
      "an alias inside its own anchor",
      "a: &a\n  - *a\n",
      ["mxm-secrets.yaml:2: a[0]: expected no alias inside what it stands for"],
    ],
  ])("is refused with %s", async (_name, text, expected) => {
    expect(await yaml(text).problems()).toEqual(expected);
  });

  it.each([
    ["a tab for indentation", "refs:\n\ta: 1\n", 2],
    ["an unclosed brace", "refs: {a: 1\n", 1],
    ["an unknown tag", "a: 1\nb: !secret x\n", 2],
    ["an unknown alias", "a: 1\nb: *nope\n", 2],
    ["an unclosed quote", 'a: 1\nb: "S3CRET-canary\n', 2],
    ["a stray scalar", 'a: "x" S3CRET-canary\n', 1],
  ])("is refused with %s, with its line and none of its text", async (_name, text, line) => {
    const [first, ...rest] = await yaml(text).problems();
    expect(first).toMatch(new RegExp(`^mxm-secrets\\.yaml:(${line}|${line + 1}): `));
    expect([first, ...rest].join("\n")).not.toContain("S3CRET-canary");
  });

  it("may use plain aliases", async () => {
    const text = core.replace(
      "allowed_principals: [marketdata]",
      "allowed_principals: &who [marketdata], machines: *who",
    );
    const { config } = await yaml(text).load();
    expect(config.policies.get("readers")?.machines).toEqual(["marketdata"]);
  });

  it("is refused with one problem when its aliases explode", async () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 20; level++) lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    const problems = await yaml(lines.join("\n")).problems();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("expected aliases that stand for at most 10000 values in all");
  });

  it("is refused when it is nested too deeply", async () => {
    expect((await yaml(`a: ${"[".repeat(1_000)}${"]".repeat(1_000)}\n`).problems()).join()).toMatch(
      /nested too deeply/,
    );
    expect((await yaml(`a: ${"[".repeat(20_000)}`).problems()).length).toBeGreaterThan(0);
  });

  it("is refused when it is not UTF-8, a directory, too long or writable for everybody", async () => {
    const { directory, problems, load } = yaml(core);
    const file = path.join(directory, "mxm-secrets.yaml");
    fs.chmodSync(file, 0o666);
    await expect(load()).rejects.toThrow(/everybody can write/);
    fs.chmodSync(file, 0o644);
    fs.writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    expect(await problems()).toEqual(["mxm-secrets.yaml:1: expected valid UTF-8"]);
    fs.truncateSync(file, 16 * 1024 * 1024 + 1);
    await expect(load()).rejects.toThrow(/longer than 16777216 bytes/);
    fs.rmSync(file);
    await expect(load()).rejects.toThrow("no configuration file `mxm-secrets.yaml`");
    fs.mkdirSync(file);
    await expect(load()).rejects.toThrow(/not a regular file/);
  });

  it("may be empty, which is one problem", async () => {
    expect(await yaml("").problems()).toEqual([
      "mxm-secrets.yaml:1: expected a mapping (`{}` for none), found nothing",
    ]);
  });
});

describe("the local file and profiles", () => {
  it("merge mappings and replace lists and scalars, the profile last", async () => {
    const profiles = "profiles:\n  staging: { stores: { red: { root: staging } } }\n";
    const { load } = project({
      "mxm-secrets.yaml": core + profiles,
      "mxm-secrets.local.yaml":
        "stores: { red: { root: mine } }\npolicies: { readers: { allowed_principals: [me] } }\n",
    });
    const local = await load();
    expect(local.config.stores.get("red")?.options).toEqual({ root: "mine" });
    expect(local.config.policies.get("readers")?.allowedPrincipals).toEqual(["me"]);
    expect((await load({}, "staging")).config.stores.get("red")?.options).toEqual({ root: "staging" });
  });

  it("give problems the file and line they come from", async () => {
    const { problems } = project({
      "mxm-secrets.yaml": `${core}profiles:\n  staging:\n    stores: { red: { rot: staging } }\n`,
      "mxm-secrets.local.yaml": "\nstores: { rde: {} }\n",
    });
    expect(await problems({}, "staging")).toEqual([
      "mxm-secrets.yaml:13: stores.red.rot: unknown key `rot`; did you mean `root`?",
      "mxm-secrets.local.yaml:2: stores.rde.backend: expected a string, found nothing",
    ]);
    expect(await problems({}, "stagng")).toContain(
      "mxm-secrets.yaml:11: profiles: unknown profile `stagng`; did you mean `staging`?",
    );
  });

  it("are not passed over when they are links that lead nowhere", async () => {
    const { directory, load } = project({ "mxm-secrets.yaml": core });
    fs.symlinkSync("gone", path.join(directory, "mxm-secrets.local.yaml"));
    await expect(load()).rejects.toThrow(/cannot read the configuration `.*local\.yaml`: no such file or directory$/);
  });

  it.runIf(process.geteuid?.() === 0)(
    "must not be a stranger's local file, even beside a file that was named",
    async () => {
      const { directory } = project({ "mxm-secrets.yaml": core, "mxm-secrets.local.yaml": "refs: {}\n" });
      const [file, local] = ["mxm-secrets.yaml", "mxm-secrets.local.yaml"].map((name) => path.join(directory, name));
      const load = () =>
        loadConfig({ file: file ?? "", source: "--config" }, { environment: { MXM_SECRETS_NO_CACHE: "1" }, kinds });
      fs.chownSync(local ?? "", 54_321, 54_321);
      await expect(load()).rejects.toThrow(/belongs to another user/);
      fs.chownSync(file ?? "", 54_321, 54_321);
      expect((await load()).files).toHaveLength(2);
    },
  );

  it("may be an empty local file", async () => {
    const { load } = project({ "mxm-secrets.yaml": core, "mxm-secrets.local.yaml": "# nothing yet\n" });
    expect((await load()).files).toHaveLength(2);
  });
});

describe("variables", () => {
  it("are put in from the environment given, and never looked at again", async () => {
    const { load } = yaml(withRoot("${A}-${B:-fall back}-$${C}-$D"));
    const { config } = await load({ A: "${B}" });
    expect(config.stores.get("red")?.options["root"]).toBe("${B}-fall back-${C}-$D");
  });

  it("that are not set are named with their line", async () => {
    const { problems, load } = yaml(withRoot("${NOT_SET}/${NOR_THIS}"));
    const expected = ["NOT_SET", "NOR_THIS"].map(
      (name) => `mxm-secrets.yaml:3: stores.red.root: the environment variable \`${name}\` is not set`,
    );
    expect(await problems()).toEqual(expected);
    expect(await problems()).toEqual(expected);
    await load({ NOT_SET: "", NOR_THIS: "x" });
  });

  it.each(["${", "${}", "${A", "${A B}", "${{ secrets.X }}", "${A:+b}"])(
    "are refused when written %s",
    async (text) => {
      expect(await yaml(withRoot(text)).problems()).toEqual([
        "mxm-secrets.yaml:3: stores.red.root: expected `${NAME}` or `${NAME:-default}` (write `$${` for a literal `${`)",
      ]);
    },
  );

  it("of profiles that are not chosen need not be set", async () => {
    const { load, problems } = yaml(`${core}profiles: { other: { stores: { red: { root: "\${UNSET}" } } } }\n`);
    await load();
    expect(await problems({}, "other")).toEqual([
      "mxm-secrets.yaml:11: stores.red.root: the environment variable `UNSET` is not set",
    ]);
  });

  it("never reach the cache", async () => {
    const { load, cache } = yaml(withRoot("${A}"));
    await load({ A: "S3CRET-canary" });
    for (const name of fs.readdirSync(cache)) {
      expect(fs.readFileSync(path.join(cache, name), "utf8")).not.toContain("S3CRET-canary");
    }
  });
});
