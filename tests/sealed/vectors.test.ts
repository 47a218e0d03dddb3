import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { lengthPrefixed } from "../../src/sealed/encoding.js";
import { marshalSealed, parseSealed } from "../../src/sealed/format.js";
import { openSigned } from "../../src/sealed/manifest.js";
import { valueReader } from "../../src/sealed/reader.js";
import { compartmentPrefix } from "../../src/sealed/value.js";
import { replayWriters, writerLogFingerprint } from "../../src/sealed/writers.js";
import { identityOf } from "../support/sealed-store.js";

interface Vectors {
  readonly identities: {
    readonly identities: readonly {
      readonly identity_seed_sha256_of: string;
      readonly kind: "x25519" | "hybrid";
      readonly recipient: string;
      readonly writer_key: string;
    }[];
  };
  readonly store: {
    readonly lines: readonly string[];
    readonly signed_bytes_sha256: string;
    readonly signer: string;
    readonly generation: number;
    readonly writers: Readonly<Record<string, string>>;
    readonly fingerprints: readonly string[];
    readonly readers: Readonly<Record<string, readonly string[]>>;
    readonly values: Readonly<
      Record<string, { readonly policy: string; readonly value_hex: string; readonly associated_data_hex: string }>
    >;
  };
  readonly refused: {
    readonly edits: readonly {
      readonly description: string;
      readonly line: number;
      readonly becomes: readonly string[];
      readonly refused_at_line: number | null;
    }[];
  };
}

function load<K extends keyof Vectors>(name: K): Vectors[K] {
  return JSON.parse(readFileSync(new URL(`../vectors/sealed/${name}.json`, import.meta.url), "utf8"));
}

const { identities } = load("identities");
const store = load("store");
const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
const bytes = bytesOf(store.lines);

describe("the published vectors", () => {
  it.each(identities)("derive recipient and writer key of $identity_seed_sha256_of", async (vector) => {
    const identity = await identityOf(vector.identity_seed_sha256_of, vector.kind);
    expect(identity.recipient).toBe(vector.recipient);
    expect(identity.writerKey().publicKey).toBe(vector.writer_key);
  });

  it("hold a store that is signed, and re-marshals to itself", () => {
    const layout = openSigned(bytes);
    const signed = bytes.subarray(0, layout.signatureStart);
    expect(createHash("sha256").update(signed).digest("hex")).toBe(store.signed_bytes_sha256);
    expect(layout.signer).toBe(store.signer);
    const { contents, signature } = parseSealed(bytes);
    expect(marshalSealed(contents, signature).equals(bytes)).toBe(true);
    expect(contents.generation).toBe(store.generation);
  });

  it("hold its writers and the fingerprint after each event", () => {
    const { contents } = parseSealed(bytes);
    const writers = [...replayWriters(contents)].map(([key, name]) => [name, key] as const);
    expect(Object.fromEntries(writers)).toEqual(store.writers);
    const fingerprints = contents.writers.map((event) => writerLogFingerprint(contents, event.seq + 1));
    expect(fingerprints).toEqual(store.fingerprints);
  });

  it.each(identities)(
    "hold what $identity_seed_sha256_of can read, and cannot",
    async ({ identity_seed_sha256_of: phrase, kind }) => {
      const reader = valueReader(openSigned(bytes), [await identityOf(phrase, kind)]);
      for (const [path, { policy, value_hex: expected }] of Object.entries(store.values)) {
        const outcome = await Promise.resolve()
          .then(() => reader.read(path))
          .then((value) => value?.toString("hex"))
          .catch((error: unknown) => (isSecretsError(error) ? error.code : error));
        expect(outcome).toBe(store.readers[policy]?.includes(phrase) === true ? expected : "locked");
      }
    },
  );

  it("hold the associated data of each value", () => {
    const { contents } = parseSealed(bytes);
    for (const { path, policy, version, type } of contents.secrets) {
      const data = Buffer.concat([
        compartmentPrefix(contents.storeId, policy),
        lengthPrefixed([path, String(version), type]),
      ]);
      expect(data.toString("hex")).toBe(store.values[path]?.associated_data_hex);
    }
  });

  it.each(load("refused").edits)("refuse $description", ({ line, becomes, refused_at_line: at }) => {
    const altered = bytesOf(store.lines.toSpliced(line - 1, 1, ...becomes));
    const place = at === null ? /^the signature does not match/ : new RegExp(`^line ${at}: `);
    expect(() => openSigned(altered)).toThrow(place);
  });
});
