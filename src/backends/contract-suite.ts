import assert from "node:assert/strict";
import { CancelledError, isSecretsError } from "../errors.js";
import { issueGrantForContract } from "../authorization/authorize.js";
import type { Action } from "../domain/policy.js";
import { brokenCases, concurrencyCases, slowCases } from "./contract-failures.js";
import { edgeCases } from "./contract-edges.js";
import type { ContractCase, ContractSetup, ContractStore, Open } from "./contract-setup.js";
import type { Backend, BackendContext } from "./contract.js";

const text = (value: string) => new TextEncoder().encode(value);
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
const usualValues = [text("plain"), text(""), text("one\ntwo\n"), text("snowman ☃ 𝄞"), everyByte];

/**
 * The promises every backend keeps, as cases to be run by any test runner:
 * `for (const { name, run } of backendContract(setup)) test(name, run);`
 */
export function backendContract(setup: ContractSetup): readonly ContractCase[] {
  const { definition } = setup;
  const [first, second, third] = setup.paths ?? ["alpha", "beta", "gamma"];
  const values = setup.values ?? usualValues;

  const opened = (store: ContractStore): Backend =>
    definition.open({ name: "under_test", options: store.options }, contextWith(store.context));
  const open = async (seeded: ReadonlyMap<string, Uint8Array>, store?: ContractStore): Promise<Backend> => {
    store ??= await setup.store();
    const backend = opened(store);
    if (store.seed !== undefined) await store.seed(seeded);
    else for (const [path, value] of seeded) await backend.write?.(grant(path, "write"), value, {});
    return backend;
  };

  const cases: ContractCase[] = [
    {
      name: "an absent value is undefined",
      run: async () => {
        const backend = await open(new Map([[first, text("present")]]));
        assert.equal(await backend.read(grant(second, "read"), {}), undefined);
      },
    },
    {
      name: "values come back byte for byte",
      run: async () => {
        for (const value of values) {
          const backend = await open(new Map([[first, value]]));
          assert.deepEqual(bytesOf(await backend.read(grant(first, "read"), {})), bytesOf(value));
        }
      },
    },
    {
      name: "several values come in the order asked",
      run: async () => {
        const backend = await open(
          new Map([
            [first, text("1")],
            [third, text("3")],
          ]),
        );
        const grants = [third, second, first].map((path) => grant(path, "read"));
        const read = backend.readMany?.bind(backend) ?? ((all) => Promise.all(all.map((one) => backend.read(one, {}))));
        assert.deepEqual((await read(grants, {})).map(bytesOf), [text("3"), undefined, text("1")].map(bytesOf));
      },
    },
    {
      name: "anything that only looks like a grant is refused",
      run: async () => {
        const backend = await open(new Map([[first, text("present")]]));
        const forged = { name: first, action: "read", path: first, policy: "contract" };
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a forger does not respect types
        const asGrant = forged as unknown as Parameters<Backend["read"]>[0];
        assert.equal(await codeOf(async () => backend.read(asGrant, {})), "denied");
      },
    },
    {
      name: "a signal that has fired cancels a read, and the value is not taken for absent",
      run: async () => {
        const backend = await open(new Map([[first, text("present")]]));
        const call = { signal: AbortSignal.abort() };
        assert.equal(await codeOf(async () => backend.read(grant(first, "read"), call)), "cancelled");
        assert.equal(
          await codeOf(async () => backend.readMany?.([grant(first, "read")], call) ?? cancelled()),
          "cancelled",
        );
      },
    },
    {
      name: "a path with a `..` segment never gets past the common rules",
      run: async () => {
        assert.throws(() => grant("../outside", "read"));
      },
    },
  ];
  if (definition.can.write) cases.push(...writingCases(open, [first, second]));
  if (definition.can.delete) cases.push(...deletingCases(open, [first, second]));
  if (definition.can.list) cases.push(listingCase(open, [first, second]));
  cases.push(ageCase(open, [first, second]));
  cases.push(...edgeCases(setup, open), ...brokenCases(setup, opened, first));
  cases.push(...slowCases(setup, opened, first), ...concurrencyCases(setup, open, first));
  return cases;
}

function writingCases(open: Open, [first, second]: readonly [string, string]): readonly ContractCase[] {
  return [
    {
      name: "a written value replaces the one before, and no other",
      run: async () => {
        const backend = await open(
          new Map([
            [first, text("old")],
            [second, text("other")],
          ]),
        );
        await backend.write?.(grant(first, "write"), text("new"), {});
        assert.deepEqual(bytesOf(await backend.read(grant(first, "read"), {})), bytesOf(text("new")));
        assert.deepEqual(bytesOf(await backend.read(grant(second, "read"), {})), bytesOf(text("other")));
      },
    },
    {
      name: "a grant to read does not write",
      run: async () => {
        const backend = await open(new Map([[first, text("old")]]));
        assert.equal(await codeOf(async () => backend.write?.(grant(first, "read"), text("new"), {})), "denied");
        assert.deepEqual(bytesOf(await backend.read(grant(first, "read"), {})), bytesOf(text("old")));
      },
    },
    {
      name: "a signal that has fired cancels a write, and the old value stays",
      run: async () => {
        const backend = await open(new Map([[first, text("old")]]));
        const write = async () => backend.write?.(grant(first, "write"), text("new"), { signal: AbortSignal.abort() });
        assert.equal(await codeOf(write), "cancelled");
        assert.deepEqual(bytesOf(await backend.read(grant(first, "read"), {})), bytesOf(text("old")));
      },
    },
  ];
}

function deletingCases(open: Open, [first, second]: readonly [string, string]): readonly ContractCase[] {
  return [
    {
      name: "a removed value is absent, and removing it again says so",
      run: async () => {
        const backend = await open(
          new Map([
            [first, text("1")],
            [second, text("2")],
          ]),
        );
        assert.equal(await backend.delete?.(grant(first, "write"), {}), true);
        assert.equal(await backend.read(grant(first, "read"), {}), undefined);
        assert.equal(await backend.delete?.(grant(first, "write"), {}), false);
        assert.deepEqual(bytesOf(await backend.read(grant(second, "read"), {})), bytesOf(text("2")));
      },
    },
    {
      name: "a grant to read does not remove, and neither does a signal that has fired",
      run: async () => {
        const backend = await open(new Map([[first, text("kept")]]));
        assert.equal(await codeOf(async () => backend.delete?.(grant(first, "read"), {})), "denied");
        const remove = async () => backend.delete?.(grant(first, "write"), { signal: AbortSignal.abort() });
        assert.equal(await codeOf(remove), "cancelled");
        assert.deepEqual(bytesOf(await backend.read(grant(first, "read"), {})), bytesOf(text("kept")));
      },
    },
  ];
}

function listingCase(open: Open, [first, second]: readonly [string, string]): ContractCase {
  return {
    name: "the list has every path, sorted, and no value",
    run: async () => {
      const backend = await open(
        new Map([
          [second, text("2")],
          [first, text("1")],
        ]),
      );
      assert.deepEqual(await backend.list?.({}), [first, second].toSorted());
    },
  };
}

function ageCase(open: Open, [first, second]: readonly [string, string]): ContractCase {
  return {
    name: "a store that tells when values were written tells it of those it holds and of no others",
    run: async () => {
      const backend = await open(new Map([[first, text("1")]]));
      const changed = await backend.changed?.([first, second], {});
      if (changed === undefined) return;
      assert.deepEqual([...changed.keys()], [first]);
      const time = changed.get(first);
      assert.ok(time === undefined || Number.isSafeInteger(time), `expected milliseconds, found ${typeof time}`);
    },
  };
}

function cancelled(): never {
  throw new CancelledError("there is no readMany to cancel");
}

function grant(path: string, action: Action) {
  return issueGrantForContract(path, action);
}

function contextWith(own: Partial<BackendContext> | undefined): BackendContext {
  return {
    baseDirectory: "/nonexistent",
    environment: {},
    stateDirectory: "/nonexistent",
    now: Date.now,
    keyholdersFor: () => undefined,
    openStore: (name) => {
      throw new assert.AssertionError({ message: `the contract has no other store ${name}` });
    },
    allowInsecurePermissions: false,
    ...own,
  };
}

function bytesOf(value: Uint8Array | undefined): readonly number[] | undefined {
  if (value === undefined) return undefined;
  assert.ok(value instanceof Uint8Array, "expected bytes or undefined");
  return [...value];
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return (await work()) === undefined ? "returned undefined" : "returned a value";
  } catch (thrown) {
    return isSecretsError(thrown) ? thrown.code : "threw a foreign error";
  }
}
