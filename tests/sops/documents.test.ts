import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { SopsDocument, SopsFormat, SopsLeaf, SopsScalar, SopsTree } from "../../src/sops/document.js";
import { binaryFormat, sopsFormats } from "../../src/sops/formats.js";
import { scalarBytes } from "../../src/sops/scalar.js";
import {
  awkwardTexts,
  jsonScalar,
  plainFiles,
  sopsKey,
  sopsTree,
  yamlScalar,
  yamlText,
} from "../support/sops-documents.js";

/** More with `FUZZ_RUNS=100000`. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 60);
const canary = "canary-8c41";
const sealed: SopsScalar = { type: "str", value: "ENC[AES256_GCM,data:QUFB,iv:QkJC,tag:Q0ND,type:str]" };

/** What has a meaning in one format or another. */
const inserted =
  `| |\t|#|:|- |? |[|]|{|}|,|&a |*a |!!int |>-|'|"|\`|"""|=|;|\\|\\u|<<: |\0|\u2028|\uFEFF|\r|"sops":|sops_a__list_0=`
    .split("|")
    .concat("", "", "|", "\n", "%YAML 1.2\n", "---\n", "...\n", "sops:\n", "[sops]\n")
    .concat(`${canary}: ${canary}\n`, `${canary}=${canary}\n`);

const damages = fc.array(
  fc.record({
    at: fc.nat(),
    cut: fc.constantFrom(0, 0, 1, 2, 7, 40),
    insert: fc.constantFrom(...inserted),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Of each format, files as people write them; YAML with anchors too. */
const files: readonly (readonly [string, SopsFormat, fc.Arbitrary<Uint8Array>])[] = [
  ...sopsFormats.map((format) => [format.name, format, plainFiles[format.name]] as const),
  [
    "yaml with anchors",
    formatNamed("yaml"),
    yamlText({ anchors: true, listComments: true }).map((text) => Buffer.from(text)),
  ],
  ["binary", binaryFormat, fc.constant(Buffer.from(`{\n\t"data": "x",\n\t"sops": {\n\t\t"mac": "m"\n\t}\n}\n`))],
];

function formatNamed(name: SopsFormat["name"]): SopsFormat {
  return sopsFormats.find((format) => format.name === name) ?? binaryFormat;
}

/** A leaf without its place in the file. */
function shown({ kind, path, scalar, document }: SopsLeaf): string {
  const text = Buffer.from(scalarBytes(scalar) ?? []).toString("latin1");
  return `${document} ${kind} ${JSON.stringify(path)} ${scalar.type} ${text}`;
}

const valuesOf = ({ leaves }: SopsDocument) => leaves.filter(({ kind }) => kind === "value");

/** An edit, or `undefined` when the value cannot be changed alone: an alias stands for it too. */
function editOrRefuse(document: SopsDocument, changes: Parameters<SopsDocument["edit"]>[0]): Uint8Array | undefined {
  try {
    return document.edit(changes);
  } catch (error) {
    if (isSecretsError(error) && error.code === "unsupported") return undefined;
    throw error;
  }
}

describe.each(files)("a random file of %s", (_name, format, file) => {
  test("is the same bytes when nothing is changed", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (bytes) => {
        const document = await format.parse(bytes, "a");
        expect(Buffer.from(document.edit({}))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: runs },
    );
  });

  test("a changed value is the one leaf that is another, and the text around it stays", async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.nat(), async (bytes, choice) => {
        const document = await format.parse(bytes, "a");
        const values = valuesOf(document);
        const leaf = values[choice % Math.max(1, values.length)];
        if (leaf === undefined) return;
        const after = editOrRefuse(document, { replace: new Map([[leaf, sealed]]) });
        if (after === undefined) return;
        const expected = document.leaves.map((one) => shown(one === leaf ? { ...leaf, scalar: sealed } : one));
        expect((await format.parse(after, "a")).leaves.map(shown)).toEqual(expected);
        expectOneSpan(Buffer.from(bytes).toString("latin1"), Buffer.from(after).toString("latin1"));
      }),
      { numRuns: runs },
    );
  });

  test("every value and comment can be changed at once, as encryption does", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (bytes) => {
        const document = await format.parse(bytes, "a");
        const after = editOrRefuse(document, {
          replace: new Map(document.leaves.map((leaf) => [leaf, sealed])),
          metadata: new Map([["mac", "m"]]),
        });
        if (after === undefined) return;
        const read = await format.parse(after, "a");
        expect(valuesOf(read).map(shown)).toEqual(valuesOf(document).map((leaf) => shown({ ...leaf, scalar: sealed })));
        expect(read.metadata).toEqual({ mac: "m" });
      }),
      { numRuns: runs },
    );
  });

  test("a value that is added and taken away again leaves the values as they were", async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        sopsKey.filter((key) => /^[a-z0-9_]+$/.test(key)),
        async (bytes, key) => {
          if (format.name === "binary") return;
          const document = await format.parse(bytes, "a");
          const path = format.name === "ini" ? [`new ${key}`, key] : [`new ${key}`];
          const added = await format.parse(document.edit({ add: [{ path, scalar: sealed }] }), "a");
          const { leaf } = added.locate(path.join("/"));
          expect(leaf?.scalar).toEqual(sealed);
          const removed = await format.parse(added.edit({ remove: leaf === undefined ? [] : [leaf] }), "a");
          expect(valuesOf(removed).map(shown)).toEqual(valuesOf(document).map(shown));
        },
      ),
      { numRuns: runs },
    );
  });

  test("that is damaged parses or is refused by this package, with a line and without a value", async () => {
    await fc.assert(
      fc.asyncProperty(file, damages, async (bytes, list) => {
        const damaged = list.reduce((text, { at, cut, insert }) => {
          const place = at % (text.length + 1);
          return Buffer.concat([text.subarray(0, place), Buffer.from(insert), text.subarray(place + cut)]);
        }, Buffer.from(bytes));
        const [problem] = await format.parse(damaged, "a").then(
          (document) => {
            expect(Buffer.from(document.edit({}))).toEqual(damaged);
            return [];
          },
          (error: unknown) => {
            if (!isSecretsError(error)) throw error;
            expect([error.code, error.message.includes(canary)]).toEqual(["integrity", false]);
            return error.problems;
          },
        );
        expect(problem === undefined || (problem.line ?? 0) > 0).toBe(true);
      }),
      { numRuns: runs * 3 },
    );
  });
});

/** What one edit leaves: the same beginning and the same end, with nothing lost between them but the old value. */
function expectOneSpan(before: string, after: string): void {
  const at = after.indexOf("ENC[AES256_GCM,data:QUFB");
  const end = after.indexOf("]", at) + 1;
  const isQuoted = after[at - 1] === '"';
  const start = after.slice(0, isQuoted ? at - 1 : at);
  const rest = after.slice(isQuoted ? end + 1 : end);
  // Behind the sign of a block, the old value goes on after a comment that stays.
  const tail = rest.includes("\n") ? rest.slice(rest.indexOf("\n") + 1) : "";
  expect([before.startsWith(start.trimEnd()), before.endsWith(tail)]).toEqual([true, true]);
  expect(start.trimEnd().length + tail.length).toBeLessThanOrEqual(before.length);
}

describe("a new file", () => {
  const trees: readonly (readonly [SopsFormat["name"], fc.Arbitrary<ReadonlyMap<string, SopsTree>>])[] = [
    ["yaml", sopsTree(yamlScalar)],
    ["json", sopsTree(jsonScalar.filter((scalar) => scalar.type !== "float" || Number.isFinite(scalar.value)))],
  ];

  test.each(trees)("of %s holds the tree it was made of, in order", async (name, tree) => {
    const format = formatNamed(name);
    await fc.assert(
      fc.asyncProperty(tree, async (made) => {
        const document = await format.parse(await format.create(made), "a");
        expect(document.leaves.map(({ path, scalar }) => [path, hashed(scalar)])).toEqual(flat(made, []));
      }),
      { numRuns: runs * 3 },
    );
  });

  test.each(sopsFormats)("of $name gives back every awkward text that it takes", async (format) => {
    for (const value of awkwardTexts) {
      const entry: SopsTree = { type: "str", value };
      const tree = new Map<string, SopsTree>(
        format.name === "ini" ? [["section", new Map([["key", entry]])]] : [["key", entry]],
      );
      const bytes = await format.create(tree).catch((error: unknown) => {
        if (isSecretsError(error) && error.code === "invalid_input") return undefined;
        throw error;
      });
      const found = bytes && (await format.parse(bytes, "a")).leaves[0]?.scalar;
      expect(found ?? entry, value).toEqual(entry);
    }
  });
});

/** By what SOPS hashes: a float that is whole may come back as an integer. */
function hashed(scalar: SopsScalar): string {
  const bytes = scalarBytes(scalar);
  return bytes === undefined ? "null" : Buffer.from(bytes).toString("latin1");
}

function flat(tree: SopsTree, path: readonly (string | number)[]): readonly unknown[] {
  if (tree instanceof Map) return [...tree].flatMap(([key, value]) => flat(value, [...path, key]));
  if (Array.isArray(tree)) return tree.flatMap((value: SopsTree, index) => flat(value, [...path, index]));
  return [[path, hashed(tree as SopsScalar)]];
}
