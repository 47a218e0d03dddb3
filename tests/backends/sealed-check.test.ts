import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateIdentity, parseIdentity } from "../../src/sealed/identity.js";
import { addRecipient } from "../../src/sealed/recipients.js";
import { addWriter } from "../../src/sealed/writer-admin.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, makeTestStore, openTestBackend, put, testContext } from "../support/sealed-store.js";

describe("check", () => {
  it("reports what is there, what cannot be read, and what lies in the wrong compartment", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "value", "research");
    const report = await backend.check?.(["a", "b"], {}, new Map([["a", "trading"]]));
    expect(report?.presence).toEqual(
      new Map([
        ["a", "present"],
        ["b", "absent"],
      ]),
    );
    expect(report?.findings.map((finding) => finding.message)).toEqual([
      "`a` lies in compartment `research`, its policy is `trading`",
    ]);
  });

  it("reports a missing key and a store that is not there as findings", async () => {
    const directory = scratchDirectory();
    const { backend, keyFile, file } = await makeTestStore(directory);
    await put(backend, "a", "value");
    rmSync(keyFile);
    const locked = await backend.check?.(["a"], {}, new Map());
    expect(locked?.presence.get("a")).toBe("unreadable");
    expect(locked?.findings).toMatchObject([{ severity: "problem", code: "locked" }]);
    rmSync(file);
    const gone = await backend.check?.(["a"], {}, new Map());
    expect(gone?.presence.get("a")).toBe("unknown");
    expect(gone?.findings).toMatchObject([{ code: "unavailable" }, { code: "locked" }]);
  });

  it("compares the recipients of a compartment with the keyholders of its policy", async () => {
    const directory = scratchDirectory();
    const store = await makeTestStore(directory);
    await put(store.backend, "a", "value", "research");
    const { recipient } = await identityOf("bridge");
    const bridge = { name: "bridge", age: recipient, principals: [], write: false };
    const machine = { name: "machine", recipient: (await identityOf("machine")).recipient };
    await addRecipient(store.place, [store.identity], machine, ["research"]);
    const context = testContext(directory, { keyholdersFor: () => [bridge] });
    const report = await openTestBackend(context).check?.([], {}, new Map());
    expect(report?.findings.map(({ severity, message }) => `${severity} ${message}`).toSorted()).toEqual([
      "problem over-shared: `machine` can decrypt compartment `research`, which no policy lets it read",
      "problem under-shared: keyholder `bridge` may read compartment `research` and has no key for it",
      "warning over-shared: `writer` can decrypt compartment `research`, which no policy lets it read",
    ]);
  });

  it("judges whoever is over-shared by the key, not by the name it bears", async () => {
    const directory = scratchDirectory();
    const store = await makeTestStore(directory);
    await put(store.backend, "a", "value", "research");
    const second = await identityOf("second");
    const key = second.writerKey().publicKey;
    await addWriter(store.place, [store.identity], { name: "second", key });
    const impostor = { name: "second", recipient: (await identityOf("mallory")).recipient };
    await addRecipient(store.place, [store.identity], impostor, ["research"]);
    const overShared = async (age: string, write: boolean) => {
      const keyholders = [{ name: "second", age, principals: [], write }];
      const context = testContext(directory, { keyholdersFor: () => [], keyholders });
      const report = await openTestBackend(context).check?.([], {}, new Map());
      return report?.findings.map(({ severity, message }) => `${severity} ${/`\w+`/.exec(message)?.[0]}`).toSorted();
    };
    expect(await overShared(second.recipient, true)).toEqual(["problem `second`", "warning `writer`"]);
    expect(await overShared(impostor.recipient, false)).toEqual(["problem `second`", "warning `writer`"]);
    expect(await overShared(impostor.recipient, true)).toEqual(["warning `second`", "warning `writer`"]);
  });

  it("does not soften what it says of a writer whose key is not known here", async () => {
    const directory = scratchDirectory();
    const store = await makeTestStore(directory);
    await put(store.backend, "a", "value", "research");
    rmSync(store.keyFile);
    const report = await openTestBackend(testContext(directory, { keyholdersFor: () => [] })).check?.(
      [],
      {},
      new Map(),
    );
    expect(report?.findings).toContainEqual(
      expect.objectContaining({
        severity: "problem",
        message: expect.stringContaining("over-shared: `writer`") as string,
      }),
    );
  });

  it("warns when one compartment mixes post-quantum and classic recipients", async () => {
    const directory = scratchDirectory();
    const store = await makeTestStore(directory);
    await put(store.backend, "a", "value", "research");
    const resistant = await parseIdentity(generateIdentity("hybrid"));
    const bridge = { name: "bridge", recipient: resistant?.recipient ?? "" };
    await addRecipient(store.place, [store.identity], bridge, ["research"]);
    const report = await openTestBackend(testContext(directory)).check?.([], {}, new Map());
    expect(report?.findings).toMatchObject([
      { severity: "warning", hint: expect.stringContaining("`writer`") as string },
    ]);
  });

  it("reports a damaged file without throwing", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "value");
    writeFileSync(file, readFileSync(file, "latin1").replace("secret a", "secret b"));
    const report = await backend.check?.(["a"], {}, new Map());
    expect(report?.findings).toMatchObject([{ code: "integrity" }]);
  });
});
