import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { againIfReplaced } from "../../src/backends/sealed-replaced.js";
import { AbsentError, AccessDeniedError, IntegrityError, LockedError } from "../../src/errors.js";
import { replaceIdentity } from "../../src/sealed/replace-identity.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, identityTextOf, makeTestStore, openTestBackend, put, take } from "../support/sealed-store.js";

describe("a key that is replaced while the store is read", () => {
  it("does not cost the value, when it comes between the store and the key", async () => {
    const { directory, file, keyFile, place, identity, context, backend } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "value");
    const state = join(directory, "state");
    const before = readFileSync(file);
    cpSync(state, join(directory, "kept"), { recursive: true });
    await replaceIdentity(place, [identity], await identityOf("next"));
    const after = readFileSync(file);
    writeFileSync(file, before);
    rmSync(state, { recursive: true });
    cpSync(join(directory, "kept"), state, { recursive: true });
    let keyReads = 0;
    const interrupted = {
      ...context,
      // Looked at for each reading of the key, when the store is open already.
      get allowInsecurePermissions() {
        if (keyReads++ === 0) {
          writeFileSync(file, after);
          writeFileSync(keyFile, `${identityTextOf("next")}\n`);
        }
        return false;
      },
    };
    expect(await take(openTestBackend(interrupted), "a")).toBe("value");
    expect(keyReads).toBe(2);
  });
});

describe("againIfReplaced", () => {
  const attempts = async (error: Error, replaced: boolean, failures: number) => {
    const file = join(scratchDirectory(), "store");
    writeFileSync(file, "store");
    let count = 0;
    const work = async (): Promise<string> => {
      if (replaced) writeFileSync(file, `store ${count}`);
      if (count++ < failures) throw error;
      return "done";
    };
    const end = await againIfReplaced(file, work).catch((thrown: unknown) => thrown);
    return { end, count };
  };
  const mismatches = [new LockedError("x"), new AccessDeniedError("x"), new IntegrityError("x")];

  it.each(mismatches.map((error) => [error.code, error] as const))(
    "does work that ended with `%s` once more when the store was replaced meanwhile, and only then",
    async (_code, error) => {
      expect(await attempts(error, true, 1)).toEqual({ end: "done", count: 2 });
      expect(await attempts(error, true, 2)).toEqual({ end: error, count: 2 });
      expect(await attempts(error, false, 1)).toEqual({ end: error, count: 1 });
    },
  );

  it("lets every other error and every result through", async () => {
    const absent = new AbsentError("x");
    expect(await attempts(absent, true, 1)).toEqual({ end: absent, count: 1 });
    expect(await attempts(absent, true, 0)).toEqual({ end: "done", count: 1 });
  });
});
