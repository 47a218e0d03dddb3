import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { passBackend } from "../../src/backends/pass.js";
import { flip } from "../support/gopass-backend.js";
import { freshPassStore, gpgOf, isWithoutPass, makePassTeam, plantFile, removePassTeam } from "../support/pass.js";
import type { PassTeam } from "../support/pass.js";
import { stuckProgram, watchProgram } from "../support/watched-program.js";

describe.skipIf(isWithoutPass)(
  "the pass backend keeps the contract of every backend, with the real gpg",
  { timeout: 60_000 },
  () => {
    let team: PassTeam;
    beforeAll(() => {
      team = makePassTeam();
    }, 60_000);
    afterAll(() => removePassTeam(team));

    let count = 0;
    const fresh = (options: Readonly<Record<string, unknown>> = {}) => {
      const machine = freshPassStore(team.bridge, `contract${(count += 1)}`);
      return { machine, options, context: { environment: machine.environment } };
    };
    const holding = (content: (entry: Buffer) => Uint8Array, options: Readonly<Record<string, unknown>> = {}) => {
      const store = fresh(options);
      const entry = gpgOf(store.machine, ["--encrypt", "--recipient", store.machine.fingerprint], `${hiddenValue}\n`);
      plantFile(store.machine, "alpha.gpg", content(entry));
      return store;
    };
    const cases = backendContract({
      definition: passBackend,
      store: () => fresh(),
      states: {
        denied:
          "the system refuses nothing to root, who may run this; tests/backends/pass.test.ts tries it as another user",
        locked: () => {
          const store = holding((entry) => entry);
          const environment = { ...store.context.environment, GNUPGHOME: join(team.base, "nobody") };
          return { ...store, context: { environment } };
        },
        unavailable: () => holding((entry) => entry, { program: "gpg-of-nowhere" }),
        corrupt: () => holding((entry) => flip(entry, entry.length - 1)),
      },
      names: {
        held: ["a", "with space/ключ", "x/-y", "a..b", "folder/.hidden", "n".repeat(251), `${"f".repeat(255)}/n`],
        refused: ["-a", ":a", ".folder/a", "a/.folder/b", "a#", "n".repeat(252), `${"f".repeat(256)}/n`, "a/../b"],
      },
      slow: () => {
        const { program, waiting, left } = stuckProgram(team.base, "gpg");
        return { ...holding((entry) => entry, { program }), waiting, left };
      },
      concurrency: {
        most: 2,
        store: () => {
          const { program, peak } = watchProgram(team.base, "gpg", "gpg");
          return { ...fresh({ program }), peak };
        },
      },
    });
    test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
      await expect(run()).resolves.toBeUndefined();
    });
  },
);
