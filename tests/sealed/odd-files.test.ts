import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { maximumStoreBytes, parseSealed } from "../../src/sealed/format.js";
import { loadIdentities } from "../../src/sealed/key-load.js";
import { signSealed } from "../../src/sealed/manifest.js";
import { scratchDirectory } from "../support/directory.js";
import { makeTestStore, put, take } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

let store: TestStore;
beforeEach(async () => {
  store = await makeTestStore(scratchDirectory());
  await put(store.backend, "a", "value", "one");
});

const odd: readonly (readonly [string, (file: string) => void])[] = [
  ["a named pipe", (file) => execFileSync("mkfifo", ["-m", "600", file])],
  ["a link to a device that never ends", (file) => symlinkSync("/dev/zero", file)],
];

describe.each(odd)("%s", (_, make) => {
  it("in the place of the store is refused at once", async () => {
    rmSync(store.file);
    make(store.file);
    await expect(take(store.backend, "a", "one")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^cannot read `.*secrets\.enc`: it is not a regular file$/),
    });
  });

  it.each([false, true])("in the place of the key is refused at once (insecure permissions: %s)", async (insecure) => {
    rmSync(store.keyFile);
    make(store.keyFile);
    const around = { ...store.context, storeFile: store.file, allowInsecurePermissions: insecure };
    const source = { kind: "file", file: store.keyFile, passphrase: undefined } as const;
    await expect(loadIdentities(source, around)).rejects.toMatchObject({
      code: "locked",
      message: expect.stringMatching(/is not a regular file$/),
    });
  });
});

describe("a store larger than the format allows", () => {
  it("is not read", async () => {
    truncateSync(store.file, maximumStoreBytes + 1);
    await expect(take(store.backend, "a", "one")).rejects.toMatchObject({
      code: "integrity",
      message: expect.stringContaining("has more than 67108864 bytes"),
    });
  });

  it("is not made", async () => {
    const { contents } = parseSealed(readFileSync(store.file));
    const secrets = contents.secrets.map((record) =>
      Object.assign({}, record, { sealed: "A".repeat(maximumStoreBytes) }),
    );
    expect(() => signSealed({ ...contents, secrets }, store.identity.writerKey())).toThrow(/more than 67108864/);
  });
});

it("a key on a descriptor is not read without end", async () => {
  const descriptor = openSync("/dev/zero", "r");
  const around = { ...store.context, storeFile: store.file };
  await expect(loadIdentities({ kind: "fd", descriptor }, around)).rejects.toThrow(/which gives too much for one/);
  closeSync(descriptor);
});
