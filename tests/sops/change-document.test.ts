import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { changeValue } from "../../src/sops/change-document.js";
import type { SopsChanges, SopsDocument, SopsFormat } from "../../src/sops/document.js";
import { formatOfFile } from "../../src/sops/formats.js";
import { readMetadata } from "../../src/sops/metadata.js";
import type { SopsMetadata } from "../../src/sops/metadata.js";
import { openDocument } from "../../src/sops/open-document.js";
import { defaultSelector } from "../../src/sops/selectors.js";
import { encryptDocument } from "../support/sops-encrypt.js";

const file = "a.json";
const json = formatOfFile(file);
const key = createSecretKey(Buffer.alloc(32, 7));
const metadata: SopsMetadata = {
  groups: [[{ kind: "age", recipient: "age1x", encrypted: "none" }]],
  threshold: 1,
  selector: defaultSelector,
  macOnlyEncrypted: false,
  mac: undefined,
  lastModified: "2026-11-29T18:00:00Z",
};
const str = (value: string) => ({ type: "str", value }) as const;

/** A document with the values `one`, `two` and `three`, opened. */
async function opened() {
  const plain = await json.parse(Buffer.from('{\n"one": "1",\n"two": "2",\n"three": "3"\n}'), file);
  const document = await json.parse(await encryptDocument(plain, metadata, key), file);
  if (document.metadata === undefined) throw new Error("it was encrypted");
  return openDocument(document, readMetadata(document.metadata, file), key, file);
}

/** The format, with documents that do something else than they are told. */
function faulty(alter: (changes: SopsChanges, document: SopsDocument) => SopsChanges) {
  const wrap = (document: SopsDocument): SopsDocument => ({
    ...document,
    edit: (changes) => document.edit(alter(changes, document)),
  });
  const format: SopsFormat = { ...json, parse: async (bytes, name) => wrap(await json.parse(bytes, name)) };
  return { format, wrap };
}

const codeOf = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => "none",
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown.code : thrown;
};

describe("a change", () => {
  test("gives bytes that hold the value, every other one, and a MAC for both", async () => {
    const before = await opened();
    const { path, leaf } = before.document.locate("two");
    const change = { kind: "set", path, leaf, scalar: str("new") } as const;
    const bytes = await changeValue(before, change, { format: json, file, now: Date.parse("2026-11-29T19:00:00Z") });
    const document = await json.parse(bytes, file);
    const after = await openDocument(document, readMetadata(document.metadata ?? {}, file), key, file);
    expect([...after.values.values()]).toEqual([str("1"), str("new"), str("3")]);
    expect(after.metadata.lastModified).toBe("2026-11-29T19:00:00Z");
  });

  test.each<[string, (changes: SopsChanges, document: SopsDocument) => SopsChanges]>([
    [
      "takes another value away",
      (changes, { leaves }) => (changes.replace === undefined ? changes : { ...changes, remove: leaves.slice(2, 3) }),
    ],
    ["does nothing", (changes) => (changes.replace === undefined ? changes : {})],
    [
      "takes the value away",
      (changes) => (changes.replace === undefined ? changes : { remove: [...changes.replace.keys()] }),
    ],
  ])("by a format that %s is noticed, and gives no bytes", async (_what, alter) => {
    const before = await opened();
    const { format, wrap } = faulty(alter);
    const { path, leaf } = before.document.locate("two");
    const change = { kind: "set", path, leaf, scalar: str("new") } as const;
    const work = changeValue({ ...before, document: wrap(before.document) }, change, { format, file, now: 0 });
    expect(await codeOf(work)).toBe("integrity");
  });
});

describe("what does not decrypt", () => {
  test("is told with its file, line and path", async () => {
    const { document, metadata: read } = await opened();
    const [first, second] = document.leaves;
    if (first === undefined || second === undefined) throw new Error("there are three");
    const bytes = document.edit({ replace: new Map([[second, first.scalar]]) });
    const thrown: unknown = await openDocument(await json.parse(bytes, file), read, key, file).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isSecretsError(thrown) && thrown.problems).toEqual([
      expect.objectContaining({ file, line: 3, path: ["two"] }),
    ]);
    expect(isSecretsError(thrown) && thrown.message).toMatch(/^`a\.json` line 3: `two`: it does not decrypt/);
  });
});
