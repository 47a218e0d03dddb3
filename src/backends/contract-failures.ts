import assert from "node:assert/strict";
import { inspect } from "node:util";
import { issueGrantForContract } from "../authorization/authorize.js";
import { isSecretsError } from "../errors.js";
import { hiddenValue } from "./contract-setup.js";
import type { BrokenState, ContractCase, ContractSetup, ContractStore, Open } from "./contract-setup.js";
import type { Backend } from "./contract.js";

const codes: Readonly<Record<BrokenState, string>> = {
  denied: "denied",
  locked: "locked",
  unavailable: "unavailable",
  corrupt: "integrity",
};
const states = ["denied", "locked", "unavailable", "corrupt"] as const;
const readsAtOnce = 12;

type Opened = (store: ContractStore) => Backend;

/** Each way to fail is told by its own error, and no error shows the value. */
export function brokenCases(setup: ContractSetup, opened: Opened, path: string): readonly ContractCase[] {
  return states.flatMap((state) => {
    const make = setup.states[state];
    if (typeof make === "string") return [];
    return [
      {
        name: `a store that is ${state} says so, and shows no value`,
        run: async () => {
          const backend = opened(await make());
          const grant = issueGrantForContract(path, "read");
          for (const read of [() => backend.read(grant, {}), () => backend.readMany?.([grant], {})]) {
            const thrown = await thrownBy(read);
            if (thrown === absentMethod) continue;
            assert.ok(isSecretsError(thrown), `expected an error of this package, found ${inspect(thrown)}`);
            assert.equal(thrown.code, codes[state], thrown.message);
            const shown = inspect([thrown, thrown.message, thrown.hint, thrown.problems, thrown.stack], { depth: 12 });
            assert.ok(!shown.includes(hiddenValue), "the error shows the value");
          }
        },
      },
      {
        name: `the check of a store that is ${state} throws nothing, and shows no value`,
        run: async () => {
          const report = await opened(await make()).check?.([path], {}, new Map([[path, "contract"]]));
          assert.ok(!inspect(report, { depth: 12 }).includes(hiddenValue), "the report shows the value");
        },
      },
    ];
  });
}

/** A read that waits is ended by its signal, and leaves nothing behind. */
export function slowCases({ slow }: ContractSetup, opened: Opened, path: string): readonly ContractCase[] {
  if (typeof slow === "string") return [];
  return [
    {
      name: "a read that waits is cancelled by its signal, and leaves nothing running",
      run: async () => {
        const store = await slow();
        const controller = new AbortController();
        const reading = thrownBy(() =>
          opened(store).read(issueGrantForContract(path, "read"), { signal: controller.signal }),
        );
        await store.waiting();
        controller.abort();
        const thrown = await reading;
        assert.ok(isSecretsError(thrown), `expected an error of this package, found ${inspect(thrown)}`);
        assert.equal(thrown.code, "cancelled", thrown.message);
        assert.equal(await store.left(), 0);
      },
    },
  ];
}

/** Many reads at once never start more than the backend allows itself. */
export function concurrencyCases({ concurrency }: ContractSetup, open: Open, path: string): readonly ContractCase[] {
  if (typeof concurrency === "string") return [];
  return [
    {
      name: `many values are read at most ${concurrency.most} at once`,
      run: async () => {
        const store = await concurrency.store();
        const names = Array.from({ length: readsAtOnce }, (_, index) => `${path}${index}`);
        const backend = await open(new Map(names.map((name) => [name, new TextEncoder().encode(name)])), store);
        const grants = names.map((name) => issueGrantForContract(name, "read"));
        const read = backend.readMany?.bind(backend);
        const values = await (read?.(grants, {}) ?? Promise.all(grants.map((grant) => backend.read(grant, {}))));
        assert.deepEqual(
          values.map((value) => value && Buffer.from(value).toString()),
          names,
        );
        const peak = await store.peak();
        assert.ok(peak >= 1 && peak <= concurrency.most, `${peak} were under way at once`);
      },
    },
  ];
}

const absentMethod = Symbol("there is no such method");

async function thrownBy(work: () => Promise<unknown> | undefined): Promise<unknown> {
  const started = work();
  if (started === undefined) return absentMethod;
  try {
    await started;
    return "no error";
  } catch (thrown) {
    return thrown;
  }
}
