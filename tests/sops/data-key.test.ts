import { describe, expect, test } from "vitest";
import { CancelledError, isSecretsError, IntegrityError, LockedError, UnavailableError } from "../../src/errors.js";
import { recoverDataKey, sealDataKey } from "../../src/sops/data-key.js";
import type { KeyOpener, LocalKey } from "../../src/sops/data-key.js";
import type { KeyGroup, MasterKey, SopsMetadata } from "../../src/sops/metadata.js";
import { defaultSelector } from "../../src/sops/selectors.js";

const dataKey = Buffer.alloc(32, 5);
const age = (recipient: string): LocalKey => ({ kind: "age", recipient, encrypted: "" });
const pgp = (fingerprint: string): LocalKey => ({ kind: "pgp", fingerprint, encrypted: "" });
const cloud = (name: string): MasterKey => ({ kind: "cloud", name });
const metadata = (threshold: number, first: KeyGroup, ...rest: readonly KeyGroup[]): SopsMetadata => ({
  groups: [first, ...rest],
  threshold,
  selector: defaultSelector,
  macOnlyEncrypted: false,
  mac: undefined,
  lastModified: "2026-11-29T18:00:00Z",
});
const nameOf = (key: LocalKey) => (key.kind === "age" ? key.recipient : key.fingerprint);
/** Seals by writing the bytes down, and opens only what it has the name of. */
const seal = async (_key: LocalKey, part: Uint8Array) => Buffer.from(part).toString("hex");
const holding = (...names: readonly string[]): KeyOpener & { readonly asked: string[] } => {
  const asked: string[] = [];
  const open = async (key: LocalKey) => {
    asked.push(nameOf(key));
    if (names.includes(nameOf(key))) return Buffer.from(key.encrypted, "hex");
    throw new LockedError(`not ${nameOf(key)}`, { hint: "hint" });
  };
  return Object.assign(open, { asked });
};
const sealed = async (threshold: number, first: KeyGroup, ...rest: readonly KeyGroup[]) => {
  const [head, ...tail] = await sealDataKey([first, ...rest], threshold, dataKey, seal);
  return metadata(threshold, head, ...tail);
};
const failure = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  return thrown;
};

describe("the data key", () => {
  test("is what the first key that opens holds, age before PGP, and no other is asked", async () => {
    const open = holding("b", "p");
    expect(await recoverDataKey(await sealed(1, [pgp("p"), age("a"), age("b")]), open, "f")).toEqual(dataKey);
    expect(open.asked).toEqual(["a", "b"]);
  });

  test("is put together from as many groups as are needed, and no more are asked", async () => {
    const file = await sealed(2, [age("a")], [age("b"), pgp("p")], [age("c")]);
    for (const names of [
      ["a", "p"],
      ["a", "c"],
      ["b", "c"],
    ]) {
      expect(await recoverDataKey(file, holding(...names), "f")).toEqual(dataKey);
    }
    const open = holding("a", "b", "c");
    await recoverDataKey(file, open, "f");
    expect(open.asked).toEqual(["a", "b"]);
  });

  test("of too few groups is locked, and says how many opened and for whom it is", async () => {
    const file = await sealed(2, [age("a")], [age("b")], [pgp("C0DE")]);
    const error = await failure(recoverDataKey(file, holding("b"), "f"));
    expect(error.code).toBe("locked");
    expect(error.message).toBe(
      "no key here opens `f` (1 of the 2 groups that are needed opened): it is for `age a`, `age b`, `pgp C0DE`",
    );
  });

  test("that only services hold is refused with their names, and nothing is asked", async () => {
    const open = holding();
    const file = metadata(1, [cloud("kms arn:aws:kms:eu:1:key/2"), cloud("gcp_kms projects/p")]);
    const error = await failure(recoverDataKey(file, open, "f"));
    expect(error.code).toBe("unsupported");
    expect(error.message).toContain("`kms arn:aws:kms:eu:1:key/2`, `gcp_kms projects/p`");
    expect(open.asked).toEqual([]);
  });

  test("of which one group that is needed is of services alone is refused too", async () => {
    const file = metadata(2, [age("a")], [cloud("kms arn")]);
    expect((await failure(recoverDataKey(file, holding("a"), "f"))).code).toBe("unsupported");
  });

  test.each([
    [new IntegrityError("damaged"), "integrity"],
    [new UnavailableError("no gpg", { reason: "not_installed" }), "unavailable"],
    [new LockedError("not yours", { hint: "do this" }), "locked"],
  ])("that its only key does not give fails as that key does: %s", async (error, code) => {
    const thrown = await failure(recoverDataKey(metadata(1, [pgp("p")]), () => Promise.reject(error), "f"));
    expect([thrown.code, thrown.message]).toEqual([code, error.message]);
  });

  test("is opened by another key when one is damaged, and a damaged one is told when none opens", async () => {
    const file = await sealed(1, [age("a"), age("b")]);
    const damaged: KeyOpener = async (key) => {
      if (nameOf(key) === "a") throw new IntegrityError("damaged");
      return holding("b")(key);
    };
    expect(await recoverDataKey(file, damaged, "f")).toEqual(dataKey);
    const neither: KeyOpener = async (key) => {
      if (nameOf(key) === "a") throw new IntegrityError("damaged");
      return holding()(key);
    };
    expect((await failure(recoverDataKey(file, neither, "f"))).code).toBe("integrity");
  });

  test("is not looked for further once the caller gave up, and a fault of ours is no locked file", async () => {
    const cancelled = recoverDataKey(
      metadata(1, [age("a"), age("b")]),
      () => Promise.reject(new CancelledError("")),
      "f",
    );
    expect((await failure(cancelled)).code).toBe("cancelled");
    await expect(
      recoverDataKey(metadata(1, [age("a")]), () => Promise.reject(new TypeError("ours")), "f"),
    ).rejects.toThrow("ours");
  });
});

test("a data key for several groups is never whole in any of them", async () => {
  const { groups } = await sealed(2, [age("a")], [age("b")]);
  for (const key of groups.flat()) {
    expect(key.kind === "cloud" ? "" : key.encrypted).toMatch(/^[0-9a-f]{66}$/);
    expect(key.kind === "cloud" ? "" : key.encrypted).not.toContain(dataKey.toString("hex"));
  }
});
