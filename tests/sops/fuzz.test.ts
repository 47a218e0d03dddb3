import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { SopsFormat } from "../../src/sops/document.js";
import { openStoredFile, parseStoredFile } from "../../src/sops/file.js";
import { formatOfFile } from "../../src/sops/formats.js";
import { findIdentities } from "../../src/sops/identity-sources.js";
import type { KeyTools } from "../../src/sops/master-keys.js";
import { addressOf } from "../../src/sops/open-document.js";
import { valueOfScalar } from "../../src/sops/values.js";
import { makeUser, openSops, write } from "../support/sops.js";

/** More with `FUZZ_RUNS=100000`. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 150);
const canary = "canary-of-the-fuzzer-9d1e";

/** Ways to change bytes, each told where by a number that is taken modulo the length. */
const edits: readonly ((bytes: Buffer, at: number, other: number) => Buffer)[] = [
  (bytes, at, other) => {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (other & 7));
    return changed;
  },
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other & 0xff), bytes.subarray(at)]),
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (other % 40))]),
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at + (other % 200)), bytes.subarray(at)]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, other) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(tokens[other % tokens.length] ?? ""), bytes.subarray(at)]),
  (bytes, at, other) => swapLines(bytes, at, other),
];
const tokens = [
  "\n",
  "---\n",
  "sops:\n",
  '"',
  "'",
  "{",
  "}",
  "[",
  ": ",
  "&a ",
  "*a",
  "!!binary ",
  "<<: ",
  "#",
  "\u0000",
  "\\u0041",
  "ENC[",
  ",",
  "null",
  "0",
  "\t",
  "=",
  "| \n",
  "__list_0__map_",
  "[sops]\n",
];

function swapLines(bytes: Buffer, at: number, other: number): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  const [one, two] = [at % lines.length, other % lines.length];
  [lines[one], lines[two]] = [lines[two] ?? "", lines[one] ?? ""];
  return Buffer.from(lines.join("\n"), "latin1");
}

const mutations = fc.array(fc.tuple(fc.nat(edits.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 });

describe.each(["yaml", "json", "env", "ini", "bin"] as const)("a mutated %s file", (extension) => {
  const directory = mkdtempSync(join(tmpdir(), "mxm-sops-fuzz-"));
  const file = join(directory, `secrets.${extension}`);
  let format: SopsFormat;
  let tools: KeyTools;
  let original: Buffer;
  let values: ReadonlyMap<string, string>;

  const valuesOf = async (bytes: Uint8Array) => {
    const opened = await openStoredFile(await parseStoredFile(format, bytes, file), tools, file);
    return new Map(
      [...opened.values].map(([leaf, scalar]) => [
        addressOf(leaf.path),
        Buffer.from(valueOfScalar(scalar) ?? []).toString("latin1"),
      ]),
    );
  };

  beforeAll(async () => {
    mkdirSync(directory, { recursive: true });
    const user = await makeUser(directory);
    const paths = {
      yaml: ["a", "b/c", "b/d"],
      json: ["a", "b/c", "b/d"],
      env: ["A", "B", "C"],
      ini: ["a/b", "a/c", "d/e"],
      bin: ["data"],
    };
    for (const path of paths[extension]) await write(openSops(user, file), path, `${canary} ${path}`);
    format = formatOfFile(file);
    const surroundings = { baseDirectory: directory, environment: user.environment, allowInsecurePermissions: false };
    const identities = findIdentities({
      key: { kind: "file", file: user.keyFile, passphrase: undefined },
      runsKeyCommand: false,
      surroundings,
    });
    tools = { identities, gpg: { program: "/nonexistent/gpg", environment: {} }, signal: undefined };
    original = readFileSync(file);
    values = await valuesOf(original);
    expect(values.size).toBe(paths[extension].length);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test(
    "gives its own values or an error of this package that names the file and shows no value",
    async () => {
      await fc.assert(
        fc.asyncProperty(mutations, async (list) => {
          const mutated = list.reduce(
            (bytes, [kind, at, other]) => edits[kind]?.(bytes, at % (bytes.length || 1), other) ?? bytes,
            original,
          );
          let read: ReadonlyMap<string, string>;
          try {
            read = await valuesOf(mutated);
          } catch (error) {
            if (!isSecretsError(error)) throw error;
            const said = JSON.stringify([error.message, error.hint, error.problems]);
            expect(said).toContain(`secrets.${extension}`);
            expect(said).not.toContain(canary);
            return;
          }
          expect([...read]).toEqual([...values]);
        }),
        { numRuns: runs },
      );
    },
    Math.max(60_000, runs * 100),
  );
});
