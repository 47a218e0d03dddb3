import assert from "node:assert/strict";
import { issueGrantForContract } from "../authorization/authorize.js";
import { pathFault } from "../domain/names.js";
import type { ContractCase, ContractSetup, Open } from "./contract-setup.js";
import { requireSize } from "./limits.js";

/** Names at the edge of the grammar, and values at the limit of their length. */
export function edgeCases({ definition, names, paths, largest }: ContractSetup, open: Open): readonly ContractCase[] {
  const [first] = paths ?? ["alpha"];
  const length = largest ?? definition.maximumValueBytes;
  return [
    {
      name: "names at the edge of the grammar each hold a value of their own",
      run: async () => {
        assert.ok(names.held.length > 0, "expected names to try");
        const seeded = new Map(names.held.map((name, index) => [name, new TextEncoder().encode(`value ${index}`)]));
        for (const name of names.held) assert.equal(faultOf(name), undefined, name);
        const backend = await open(seeded);
        for (const [name, value] of seeded) {
          const read = await backend.read(issueGrantForContract(name, "read"), {});
          assert.deepEqual(read && Buffer.from(read), Buffer.from(value), name);
        }
      },
    },
    {
      name: "names past the edge of the grammar are refused with what was expected",
      run: async () => {
        assert.ok(names.refused.length > 0, "expected names to try");
        for (const name of names.refused) assert.match(faultOf(name) ?? "", /^expected /, name);
      },
    },
    {
      name: "a value as long as the limit comes back whole, and a longer one is refused",
      run: async () => {
        const value = new Uint8Array(length).fill(0x61);
        value.set([0x62], length - 1);
        const backend = await open(new Map([[first, value]]));
        const read = await backend.read(issueGrantForContract(first, "read"), {});
        assert.equal(read?.length, length);
        assert.ok(Buffer.from(value).equals(read), "expected the bytes that were stored");
        assert.throws(() => requireSize({ ...definition, maximumValueBytes: length }, new Uint8Array(length + 1)));
      },
    },
  ];

  function faultOf(name: string): string | undefined {
    return pathFault(name) ?? definition.paths.fault(name);
  }
}
