import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { refField } from "../../src/domain/config-refs.js";
import { inside, rootPlace } from "../../src/domain/reader.js";
import { loadConfig } from "../../src/runtime/load-config.js";
import { decodeRefs, encodeRefs, findRef, StoredRefs } from "../../src/runtime/stored-refs.js";
import { coreData, kinds } from "../support/kinds.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();
const identifier = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);

describe("stored refs", () => {
  it("are found one by one exactly as they were, and no others are", () => {
    fc.assert(
      fc.property(
        fc.dictionary(identifier, fc.record({ description: fc.string(), path: fc.string({ unit: "binary" }) }), {
          maxKeys: 40,
        }),
        fc.array(identifier),
        (refs, others) => {
          const data: Record<string, Record<string, string>> = JSON.parse(JSON.stringify(refs));
          const lines = encodeRefs(data);
          expect({ ...decodeRefs(lines) }).toEqual(data);
          for (const name of [...Object.keys(data), ...others]) {
            expect(findRef(lines, name)).toEqual(Object.hasOwn(data, name) ? data[name] : undefined);
          }
        },
      ),
    );
  });

  it("are a map like the one that parsing everything gives", () => {
    const core = coreData();
    const refs = {
      a: { store: "red", policy: "readers" },
      constructor: { store: "red", policy: "readers", owner: "ü" },
    };
    const { config } = parseConfigData({ ...core, refs }, kinds);
    const field = refField({ stores: new Set(["red"]), policies: new Set(["readers"]) });
    const stored = new StoredRefs(encodeRefs(refs), (name, data) => field.read(data, inside(rootPlace([]), name)));
    expect([...stored.keys()]).toEqual([...config.refs.keys()]);
    for (const name of ["a", "constructor", "valueof", "", "__proto__", "a\tb", "zzz"]) {
      expect(stored.get(name)).toEqual(config.refs.get(name));
      expect(stored.has(name)).toBe(config.refs.has(name));
    }
    expect(stored.size).toBe(2);
    expect(new Map(stored)).toEqual(config.refs);
    expect(stored.get("a")).toEqual(config.refs.get("a"));
    const seen: string[] = [];
    for (const [name] of stored.entries()) seen.push(name);
    expect(seen).toEqual([...stored.keys()]);
  });
});

const text = `stores: { red: { backend: plain, root: "\${ROOT}" } }
policies: { readers: { allowed_principals: [a] } }
refs: { one: { store: red, policy: readers }, two: { store: red, policy: readers, path: a/b } }
profiles: { staging: { refs: { two: { path: staging } } } }
`;
const load = (files: Record<string, string>, profile?: string, checkedBy?: string) => {
  const directory = scratch();
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), content);
  const environment = { MXM_SECRETS_CACHE: path.join(directory, "cache"), ROOT: "r", PATH_OF_ONE: "p" };
  const once = () =>
    loadConfig(
      { file: path.join(directory, "mxm-secrets.yaml"), source: "found" },
      { environment, kinds, profile, checkedBy },
    );
  return { once };
};

describe("a configuration whose refs are stored", () => {
  it.each<[string, Record<string, string>, string | undefined, string, string]>([
    ["nothing laid over", {}, undefined, "one", "a/b"],
    [
      "a local file without refs",
      { "mxm-secrets.local.yaml": "stores: { blue: { backend: plain } }\n" },
      undefined,
      "one",
      "a/b",
    ],
    [
      "a local file with refs",
      { "mxm-secrets.local.yaml": "refs: { one: { path: mine } }\n" },
      undefined,
      "mine",
      "a/b",
    ],
    ["a profile with refs", {}, "staging", "one", "staging"],
    ["variables in refs", { "mxm-secrets.yaml": text.replace("a/b", '"${PATH_OF_ONE}"') }, undefined, "one", "p"],
  ])("is the same from the file and from the cache with %s", async (_name, files, profile, one, two) => {
    const plain = text.replace("${ROOT}", "r");
    for (const [checkedBy, main] of [
      [undefined, text],
      ["this build", text],
      ["this build", plain],
    ] as const) {
      const given = files["mxm-secrets.yaml"]?.replace("${ROOT}", main === plain ? "r" : "${ROOT}");
      const { once } = load({ ...files, "mxm-secrets.yaml": given ?? main }, profile, checkedBy);
      await expectTwice(once, one, two);
    }
  });
});

async function expectTwice(once: () => ReturnType<typeof loadConfig>, one: string, two: string): Promise<void> {
  for (const isCached of [false, true]) {
    const loaded = await once();
    expect(loaded.isCached).toBe(isCached);
    expect(loaded.config.refs.get("one")?.path).toBe(one);
    expect(loaded.config.refs.get("two")?.path).toBe(two);
    expect(loaded.config.refs.get("three")).toBeUndefined();
    expect([...loaded.config.refs.keys()]).toEqual(["one", "two"]);
    expect(loaded.config.stores.get("red")?.options["root"]).toBe("r");
  }
}
