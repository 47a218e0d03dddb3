import { spawn } from "node:child_process";
import { createSecretKey, randomBytes, randomInt } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { mapWithLimit } from "../../src/process/limit.js";
import { changeValue } from "../../src/sops/change-document.js";
import { sealDataKey } from "../../src/sops/data-key.js";
import type { SopsDocument, SopsFormat, SopsLeaf, SopsScalar, SopsTree } from "../../src/sops/document.js";
import { openStoredFile, parseStoredFile } from "../../src/sops/file.js";
import { binaryFormat, formatOfFile, sopsFormats } from "../../src/sops/formats.js";
import { findIdentities } from "../../src/sops/identity-sources.js";
import { keySealer } from "../../src/sops/master-keys.js";
import type { KeyTools } from "../../src/sops/master-keys.js";
import type { SopsMetadata } from "../../src/sops/metadata.js";
import { textOrBytes } from "../../src/sops/text-or-bytes.js";
import { scalarBytes } from "../../src/sops/scalar.js";
import { defaultSelector } from "../../src/sops/selectors.js";
import { findSops, makeUser } from "../support/sops.js";
import type { SopsUser } from "../support/sops.js";
import { encryptDocument, openComments } from "../support/sops-encrypt.js";
import { plainAnchors, plainFiles } from "../support/sops-documents.js";

const sops = findSops();
/** Of each format and direction; more with `SOPS_DOCUMENTS=1000`. */
const documents = Number(process.env["SOPS_DOCUMENTS"] ?? 55);
const seed = Number(process.env["SOPS_SEED"] ?? randomInt(2 ** 31));
const atOnce = 2;
const extensions = { yaml: ".yaml", json: ".json", dotenv: ".env", ini: ".ini", binary: ".bin" };

describe.skipIf(sops === undefined)(
  `random documents and the real sops (SOPS_SEED=${seed})`,
  { timeout: 300_000 },
  () => {
    let user: SopsUser;
    let tools: KeyTools;
    let groups: SopsMetadata["groups"];
    let key: KeyObject;

    beforeAll(async () => {
      user = await makeUser(mkdtempSync(join(tmpdir(), "mxm-sops-")), rules);
      const surroundings = {
        environment: user.environment,
        baseDirectory: user.directory,
        allowInsecurePermissions: false,
      };
      tools = {
        identities: findIdentities({ key: undefined, runsKeyCommand: false, surroundings }),
        gpg: { program: "gpg", environment: user.environment },
        signal: undefined,
      };
      const dataKey = randomBytes(32);
      key = createSecretKey(dataKey);
      const group = [{ kind: "age" as const, recipient: user.recipient, encrypted: "" }];
      groups = await sealDataKey([group], 1, dataKey, keySealer(tools, "new"));
    });
    afterAll(() => rmSync(user.directory, { recursive: true, force: true }));

    /**
     * What sops decrypted, parsed. `undefined` where go-yaml writes what it does not read itself (a wrong indentation after
     * `|4`), or separators of Unicode as line breaks, with indentation after them.
     */
    const readAgain = async (
      format: SopsFormat,
      decrypted: Buffer,
      file: string,
    ): Promise<SopsDocument | undefined> => {
      if (/[\u0085\u2028\u2029]/.test(decrypted.toString())) return undefined;
      try {
        return await format.parse(decrypted, file);
      } catch (error) {
        writeFileSync(file, decrypted);
        if ((await run(user, ["encrypt", file])) !== undefined) throw error;
        return undefined;
      }
    };

    const formats = [...sopsFormats, binaryFormat];
    let count = 0;
    const place = (name: keyof typeof extensions, choice: Choice): string =>
      join(user.directory, `rule${choices.indexOf(choice)}-${(count += 1)}${extensions[name]}`);

    /** One random document: what was found here, and what has to be found. */
    interface Outcome {
      readonly plain: string;
      readonly ours: unknown;
      readonly expected: unknown;
    }
    const refused: Pick<Outcome, "ours" | "expected"> = { ours: "refused", expected: "refused" };

    const openedHere = async (
      format: SopsFormat,
      plain: Uint8Array,
      choice: Choice,
    ): Promise<Pick<Outcome, "ours" | "expected">> => {
      const file = place(format.name, choice);
      const before = await parsePlain(format, plain, file);
      writeFileSync(file, plain);
      const encrypted = hasEmptyListComment(before) ? undefined : await run(user, ["encrypt", file]);
      if (encrypted === undefined) return refused;
      writeFileSync(file, encrypted);
      const decrypted = await run(user, ["decrypt", file]);
      const opening = parseStoredFile(format, encrypted, file).then((parsed) => openStoredFile(parsed, tools, file));
      // Comments in lists, and some unencrypted texts in lists: sops does not read what it wrote.
      if (decrypted === undefined) return { ...refused, ours: await opening.then(() => "opened", codeOf) };
      const stored = await opening;
      if (hasEmptyListComment(stored.document)) return refused;
      const found = valuesOf(stored.document, stored.values);
      const values = valuesOf(before, ownValues(before));
      if (format.name === "binary") return { ours: found[0]?.bytes, expected: Buffer.from(plain).toString("latin1") };
      const after = await readAgain(format, decrypted, file);
      // In the layout of sops, a comment behind a list may have come into it, and an empty one is decrypted as a value.
      if (after === undefined || hasEmptyListComment(stored.document)) return { ours: found, expected: values };
      return {
        ours: { found, again: found.map(withoutType), lost: [] },
        expected: {
          found: values,
          again: valuesOf(after, ownValues(after)).map(withoutType),
          lost: without(texts(commentsOf(after)), texts(openComments(stored).values())),
        },
      };
    };

    const encryptedHere = async (
      format: SopsFormat,
      plain: Uint8Array,
      choice: Choice,
    ): Promise<Pick<Outcome, "ours" | "expected">> => {
      const { name } = format;
      const file = place(name, choice);
      const before = await parsePlain(format, plain, file);
      if (hasEmptyListComment(before)) return refused;
      // With metadata behind them, the last comments of a document may belong to another map.
      const marked = await format.parse(before.edit({ metadata: new Map([["version", "0"]]) }), file);
      const encrypted = await encryptDocument(marked, { ...newMetadata, ...choice, groups }, key);
      const stored = await openStoredFile(await parseStoredFile(format, encrypted, file), tools, file);
      const leaves = [...stored.values.keys()];
      const leaf = leaves.find(stored.isEncrypted);
      const scalar: SopsScalar = name === "binary" ? textOrBytes(plain) : { type: "str", value: "changed" };
      const change = leaf && ({ kind: "set", path: leaf.path, leaf, scalar } as const);
      const now = Date.UTC(2026, 5, 1);
      const written = change ? await changeValue(stored, change, { format, file, now }) : encrypted;
      writeFileSync(file, written);
      const decrypted = await run(user, ["decrypt", file]);
      if (decrypted === undefined) return { ours: "sops refuses it", expected: "sops decrypts it" };
      if (name === "binary") return { ours: decrypted, expected: Buffer.from(plain) };
      const after = await readAgain(format, decrypted, file);
      if (after === undefined) return refused;
      const at = leaf === undefined ? -1 : leaves.indexOf(leaf);
      const expected = valuesOf(before, ownValues(before)).map((one, index) =>
        index === at ? { ...one, bytes: "changed" } : one,
      );
      return {
        ours: { values: valuesOf(after, ownValues(after)).map(withoutType), strange: [] },
        expected: {
          values: expected.map(withoutType),
          strange: without(texts(commentsOf(after)), texts(commentsOf(before))),
        },
      };
    };

    test.each(formats)("a new file of $name is laid out as sops lays it out", async (format) => {
      const file = place(format.name, choices[0]);
      const plain = await format.create(newTrees[format.name]);
      writeFileSync(file, format.name === "binary" ? "x" : plain);
      const theirs = await run(user, ["encrypt", file]);
      const ours = await encryptDocument(
        await format.parse(plain, file),
        { ...newMetadata, ...choices[0], groups },
        key,
      );
      expect(masked(Buffer.from(ours))).toBe(masked(theirs ?? Buffer.of()));
    });

    test.each([
      ...formats.map((format) => [format.name, "sops to us", format, plainFiles[format.name], openedHere] as const),
      ["yaml with anchors", "sops to us", formatOfFile("a.yaml"), plainAnchors, openedHere] as const,
      ...formats.map((format) => [format.name, "us to sops", format, plainFiles[format.name], encryptedHere] as const),
    ])("random files of %s decrypt to the same, from %s", async (_name, _way, format, files, check) => {
      const samples = fc.sample(files, { numRuns: documents, seed });
      const drawn = samples.map((plain, index) => {
        const first = choices[0];
        return { plain, choice: format.name === "binary" ? first : (choices[index % choices.length] ?? first) };
      });
      const outcomes = await mapWithLimit(drawn, atOnce, async ({ plain, choice }): Promise<Outcome> => ({
        plain: `${JSON.stringify(choice)}\n${Buffer.from(plain).toString()}`,
        ...(await check(format, plain, choice)),
      }));
      for (const { plain, ours, expected } of outcomes) expect(ours, plain).toEqual(expected);
      expect(outcomes.filter(({ ours }) => ours !== "refused").length).toBeGreaterThan(documents * 0.6);
    });
  },
);

const string = (value: string) => ({ type: "str", value }) as const;
const flatTree = new Map([
  ["A", string("x")],
  ["LONG_NAME", string("several\nlines\n")],
]);
const newTrees: Readonly<Record<keyof typeof extensions, ReadonlyMap<string, SopsTree>>> = {
  yaml: new Map<string, SopsTree>([
    ["database", new Map([["password", string("x")]])],
    [
      "users",
      [
        new Map([
          ["name", string("a")],
          ["token", string("b")],
        ]),
        new Map([["name", string("c")]]),
      ],
    ],
    ["nested", [[{ type: "int", value: 1n }], new Map([["deep", [{ type: "bool", value: true }]]])]],
    ["empty", new Map()],
    ["none", { type: "null" }],
    ["plain_unencrypted", string("yes")],
    ["lines_unencrypted", string("several\nlines\n")],
  ]),
  json: new Map<string, SopsTree>([
    ["database", new Map([["password", string("x")]])],
    ["users", [new Map([["name", string("a")]]), [], { type: "null" }]],
    ["plain_unencrypted", string("<&>")],
  ]),
  dotenv: flatTree,
  ini: new Map<string, SopsTree>([
    ["one", flatTree],
    ["two", new Map([["k_unencrypted", string("a#b")]])],
  ]),
  binary: new Map([["data", string("x")]]),
};

/** A file without what is another each time. */
function masked(file: Buffer): string {
  return (
    file
      .toString()
      // In a binary file sops says nothing of what is encrypted: the default is as good.
      .replace(/^\t\t"unencrypted_suffix": .*\n/m, "")
      .replace(/ENC\[[^\]]*\]/g, "ENC")
      .replace(/-----BEGIN AGE[^]*?END AGE ENCRYPTED FILE-----/g, "AGE")
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
  );
}

type Choice = Pick<SopsMetadata, "selector" | "macOnlyEncrypted">;

/** Which values are encrypted, and which the MAC covers. */
const choices: readonly [Choice, ...Choice[]] = [
  { selector: defaultSelector, macOnlyEncrypted: false },
  { selector: defaultSelector, macOnlyEncrypted: true },
  { selector: { name: "encrypted_suffix", text: "_unencrypted" }, macOnlyEncrypted: false },
  { selector: { name: "encrypted_regex", text: "^[a-m]" }, macOnlyEncrypted: true },
  { selector: { name: "unencrypted_regex", text: "[0-5]" }, macOnlyEncrypted: false },
  { selector: { name: "encrypted_comment_regex", text: "^ ?[!-M]" }, macOnlyEncrypted: false },
  { selector: { name: "unencrypted_comment_regex", text: "^ ?[!-9a-z]" }, macOnlyEncrypted: false },
];

/** A `.sops.yaml` with a rule for each choice: sops has no flags for all of them. */
function rules(recipient: string): string {
  const lines = choices.flatMap(({ selector, macOnlyEncrypted }, index) => [
    `  - path_regex: rule${index}-`,
    `    age: ${recipient}`,
    `    ${selector.name}: '${selector.text}'`,
    `    mac_only_encrypted: ${macOnlyEncrypted}`,
  ]);
  return `creation_rules:\n${lines.join("\n")}\n`;
}

const newMetadata = {
  threshold: 1,
  mac: undefined,
  lastModified: "2026-01-01T00:00:00Z",
};

const codeOf = (error: unknown): string =>
  isSecretsError(error) && error.code === "integrity" ? "refused" : String(error);

interface Value {
  readonly address: string;
  readonly type: string;
  readonly bytes: string;
}

/** Every value that is not null, in order. */
function valuesOf({ leaves }: SopsDocument, values: ReadonlyMap<SopsLeaf, SopsScalar>): readonly Value[] {
  return leaves.flatMap((leaf) => {
    const scalar = values.get(leaf);
    if (leaf.kind === "comment" || scalar === undefined || scalar.type === "null") return [];
    const bytes = Buffer.from(scalarBytes(scalar) ?? []).toString("latin1");
    // Unencrypted, sops writes a float that is whole as an integer.
    const type = scalar.type === "float" && /^-?[0-9]+$/.test(bytes) ? "int" : scalar.type;
    return [{ address: `${leaf.document}:${JSON.stringify(leaf.path)}`, type, bytes }];
  });
}

/**
 * Decrypted, JSON and YAML have no other spelling for some types: a float that is whole is an integer again, a negative
 * zero too, and text of an env file may look like anything.
 */
function withoutType({ address, bytes }: Value): string {
  return `${address} ${bytes === "-0" ? "0" : bytes}`;
}

function ownValues({ leaves }: SopsDocument): ReadonlyMap<SopsLeaf, SopsScalar> {
  return new Map(leaves.map((leaf) => [leaf, leaf.scalar]));
}

function commentsOf({ leaves }: SopsDocument): readonly SopsScalar[] {
  return leaves.filter(({ kind }) => kind === "comment").map(({ scalar }) => scalar);
}

/** A plain file; of a binary one, what holds its content once it is encrypted. */
function parsePlain(format: SopsFormat, plain: Uint8Array, file: string): Promise<SopsDocument> {
  return format.parse(format.name === "binary" ? Buffer.from('{"data":""}') : plain, file);
}

/** What is in one list more often than in another. */
function without(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return some.filter((text) => {
    const at = left.indexOf(text);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

/** Comments that are items of a list. */
function listComments({ leaves }: SopsDocument): readonly SopsLeaf[] {
  const lists = new Set(
    leaves.flatMap(({ document, path }) =>
      path.flatMap((part, depth) =>
        typeof part === "number" ? [`${document}:${JSON.stringify(path.slice(0, depth))}`] : [],
      ),
    ),
  );
  return leaves.filter(
    ({ kind, document, path }) => kind === "comment" && lists.has(`${document}:${JSON.stringify(path)}`),
  );
}

/** An empty comment in a list, which sops makes an empty item of when it decrypts. */
function hasEmptyListComment(document: SopsDocument): boolean {
  return listComments(document).some(({ scalar }) => scalar.type === "str" && scalar.value === "");
}

function texts(comments: Iterable<SopsScalar>): readonly string[] {
  return [...comments].map((scalar) => Buffer.from(scalarBytes(scalar) ?? []).toString("latin1")).toSorted();
}

/** What sops prints, or `undefined` when it refuses. */
async function run({ directory, environment }: SopsUser, argv: readonly string[]): Promise<Buffer | undefined> {
  const child = spawn(sops ?? "", argv, { cwd: directory, env: environment, stdio: ["ignore", "pipe", "ignore"] });
  const printed: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
  const exitCode = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return exitCode === 0 ? Buffer.concat(printed) : undefined;
}
