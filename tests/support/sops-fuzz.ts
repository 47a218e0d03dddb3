import fc from "fast-check";
import { isSecretsError } from "../../src/errors.js";
import { formatOfFile } from "../../src/sops/formats.js";
import { openStoredFile, parseStoredFile } from "../../src/sops/file.js";
import { findIdentities } from "../../src/sops/identity-sources.js";
import type { KeyTools } from "../../src/sops/master-keys.js";
import { addressOf } from "../../src/sops/open-document.js";
import { valueOfScalar } from "../../src/sops/values.js";
import type { SopsUser } from "./sops.js";

/** How often each file is changed; more with `FUZZ_RUNS=100000`. */
export const fuzzRuns = Number(process.env["FUZZ_RUNS"] ?? 150);

/** What the values of a fuzzed file are made of. */
export const fuzzCanary = "canary-of-the-fuzzer-9d1e";

/** What the formats and SOPS itself give a meaning to. */
const tokens = [
  "\n",
  "---\n",
  "sops:\n",
  '"',
  "'",
  "{",
  "}",
  "[",
  "]",
  ": ",
  "- ",
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
  "\r",
  "\ufeff",
  "...\n",
  "? ",
];

/** Ways to change bytes. */
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

function swapLines(bytes: Buffer, at: number, other: number): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  const [one, two] = [at % lines.length, other % lines.length];
  [lines[one], lines[two]] = [lines[two] ?? "", lines[one] ?? ""];
  return Buffer.from(lines.join("\n"), "latin1");
}

const mutations = fc.array(fc.tuple(fc.nat(edits.length - 1), fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 });

/**
 * Changes an encrypted file at random and opens what became of it: that gives the file's own values that are not empty in their
 * order and, outside lists, at their places, or an error of this package that names the file and shows no value.
 *
 * @throws the counterexample
 */
export async function fuzzFile(file: string, original: Buffer, user: SopsUser, runs = fuzzRuns): Promise<void> {
  const format = formatOfFile(file);
  const surroundings = {
    baseDirectory: user.directory,
    environment: user.environment,
    allowInsecurePermissions: false,
  };
  const key = { kind: "file", file: user.keyFile, passphrase: undefined } as const;
  const identities = findIdentities({ key, runsKeyCommand: false, surroundings });
  const tools: KeyTools = { identities, gpg: { program: "/nonexistent/gpg", environment: {} }, signal: undefined };

  const seen = async (bytes: Uint8Array): Promise<string> => {
    const opened = await openStoredFile(await parseStoredFile(format, bytes, file), tools, file);
    const values = [...opened.values].flatMap(([{ path }, scalar]) => {
      const value = Buffer.from(valueOfScalar(scalar) ?? []).toString("latin1");
      // Empty values have no part in the MAC, so that anybody can add one.
      if (value === "") return [];
      // SOPS does not say which element of a list a value belongs to: docs/sops.md.
      const place = path.every((part) => typeof part === "string") ? addressOf(path) : "in a list";
      return [[place, value]];
    });
    return JSON.stringify(values);
  };
  const expected = await seen(original);
  if (!expected.includes(fuzzCanary)) throw new Error("the file holds no value to look for");

  await fc.assert(
    fc.asyncProperty(mutations, async (list) => {
      const mutated = list.reduce(
        (bytes, [kind, at, other]) => edits[kind]?.(bytes, at % (bytes.length || 1), other) ?? bytes,
        original,
      );
      try {
        return (await seen(mutated)) === expected;
      } catch (error) {
        if (!isSecretsError(error)) throw error;
        const said = JSON.stringify([error.message, error.hint, error.problems]);
        return said.includes(file) && !said.includes(fuzzCanary);
      }
    }),
    { numRuns: runs },
  );
}
