import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/runtime/load-config.js";
import { ageRecipient, kinds } from "../support/kinds.js";
import { configProject, core, withRoot } from "../support/config-project.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

const project = (files: Record<string, string>, checkedBy?: string) => configProject(scratch(), files, checkedBy);
const yaml = (text: string, checkedBy?: string) => project({ "mxm-secrets.yaml": text }, checkedBy);

const entryOf = (cache: string): string => path.join(cache, fs.readdirSync(cache)[0] ?? "");

describe.each([
  ["parsed files", undefined],
  ["checked configurations", "this build"],
])("the cache of %s", (_what, checkedBy) => {
  it("answers the second time with the same configuration, from private files", async () => {
    const { load, cache } = yaml(core, checkedBy);
    const first = await load();
    const second = await load();
    expect([first.isCached, second.isCached]).toEqual([false, true]);
    expect(second.config).toEqual(first.config);
    expect(fs.statSync(cache).mode & 0o777).toBe(0o700);
    expect(fs.statSync(entryOf(cache)).mode & 0o777).toBe(0o600);
  });

  it("is not used when the file has changed, nor with MXM_SECRETS_NO_CACHE", async () => {
    const { load, directory, cache } = yaml(core, checkedBy);
    await load({ MXM_SECRETS_NO_CACHE: "1" });
    expect(fs.existsSync(cache)).toBe(false);
    await load();
    fs.appendFileSync(path.join(directory, "mxm-secrets.yaml"), "# a remark\n");
    expect((await load()).isCached).toBe(false);
    expect((await load()).isCached).toBe(true);
  });

  it("keeps no faulty file", async () => {
    const { problems, cache } = yaml("refs: {}\nrefs: {}\n", checkedBy);
    await problems();
    expect(fs.existsSync(cache)).toBe(false);
  });

  it.each<[string, (entry: string, cache: string) => void]>([
    ["open to others", (entry) => fs.chmodSync(entry, 0o644)],
    ["cut off", (entry) => fs.truncateSync(entry, 100)],
    ["empty", (entry) => fs.truncateSync(entry, 0)],
    [
      "altered",
      (entry) => fs.writeFileSync(entry, fs.readFileSync(entry, "utf8").replace("marketdata/api_key", "other/api_key")),
    ],
    ["a symbolic link", (entry) => (fs.renameSync(entry, `${entry}.x`), fs.symlinkSync(`${entry}.x`, entry))],
    ["a second name of a file", (entry) => fs.linkSync(entry, `${entry}.x`)],
    ["a directory", (entry) => (fs.rmSync(entry), fs.mkdirSync(entry))],
    ["in a directory open to others", (_entry, cache) => fs.chmodSync(cache, 0o755)],
    [
      "in a directory that is a link",
      (_entry, cache) => (fs.renameSync(cache, `${cache}.x`), fs.symlinkSync(`${cache}.x`, cache)),
    ],
  ])("is not believed when it is %s", async (_name, spoil) => {
    const { load, cache } = yaml(core, checkedBy);
    const { config } = await load();
    spoil(entryOf(cache), cache);
    const again = await load();
    expect(again.isCached).toBe(false);
    expect(again.config).toEqual(config);
  });

  it("that cannot be written costs nothing but time", async () => {
    const { load, directory } = yaml(core, checkedBy);
    fs.writeFileSync(path.join(directory, "file"), "");
    expect((await load({ MXM_SECRETS_CACHE: path.join(directory, "file", "cache") })).isCached).toBe(false);
  });
});

describe("the cache of checked configurations", () => {
  it("loads no kinds of store for what it holds", async () => {
    const { load, directory, cache } = yaml(core, "this build");
    const first = await load();
    const again = await loadConfig(
      { file: path.join(directory, "mxm-secrets.yaml"), source: "found" },
      {
        environment: { MXM_SECRETS_CACHE: cache },
        kinds: () => Promise.reject(new Error("kinds were asked for")),
        checkedBy: "this build",
      },
    );
    expect(again).toEqual({ ...first, isCached: true });
    expect(Object.isFrozen(again.config.stores.get("red"))).toBe(true);
    expect(Object.isFrozen(again.config.refs.get("api_key"))).toBe(true);
  });

  it("keeps every part of a configuration as it was", async () => {
    const parts = `principals: [{ role: loader, machine: monolith, principal: marketdata }]
keyholders: { bridge: { age: ${ageRecipient}, principals: [human_admin], write: true } }
audit: { path: audit.jsonl, required: false }
defaults: { store: red, policy: readers }
identity: { environment: "dev ü", role: developer }
`;
    const { load } = yaml(core.replace("[marketdata] }", "[marketdata], expires: 2031-01-31 }") + parts, "this build");
    const [first, second] = [await load(), await load()];
    expect(second).toEqual({ ...first, isCached: true });
  });

  it("is for one build, one file, one profile and one local file", async () => {
    const text = `${core}profiles: { staging: { stores: { red: { root: staging } } } }
`;
    const { load, directory, cache } = project({ "mxm-secrets.yaml": text }, "this build");
    await load();
    expect((await load()).isCached).toBe(true);
    expect((await load({}, "staging")).config.stores.get("red")?.options["root"]).toBe("staging");
    const file = path.join(directory, "mxm-secrets.yaml");
    const environment = { MXM_SECRETS_CACHE: cache };
    const other = await loadConfig({ file, source: "found" }, { environment, kinds, checkedBy: "that build" });
    expect(other.isCached).toBe(false);
    fs.writeFileSync(path.join(directory, "mxm-secrets.local.yaml"), "stores: { red: { root: mine } }\n");
    for (const isCached of [false, true]) {
      const local = await load();
      expect(local.isCached).toBe(isCached);
      expect(local.config.stores.get("red")?.options["root"]).toBe("mine");
    }
  });

  it("does not believe an entry of which any byte was altered", async () => {
    const { load, cache } = yaml(core, "this build");
    const { config } = await load();
    const whole = fs.readFileSync(entryOf(cache));
    for (let at = 0; at < whole.length; at += 7) {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      fs.writeFileSync(entryOf(cache), altered);
      const again = await load();
      expect([at, again.isCached, again.config]).toEqual([at, false, config]);
    }
  });

  it("keeps nothing where a variable is mentioned", async () => {
    const { load, cache } = yaml(withRoot("${A}"), "this build");
    await load({ A: "S3CRET-canary" });
    await load({ A: "S3CRET-canary" });
    expect(fs.readdirSync(cache).filter((name) => name.includes("checked"))).toEqual([]);
    for (const name of fs.readdirSync(cache)) {
      expect(fs.readFileSync(path.join(cache, name), "utf8")).not.toContain("S3CRET-canary");
    }
  });
});
