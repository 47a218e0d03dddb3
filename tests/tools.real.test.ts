import { expect, test } from "vitest";
import { canBeHad, catalogue } from "../scripts/tools/catalogue.mjs";
import { findTool } from "./support/tools.js";

const programs = catalogue.filter((row) => row.argv !== undefined && canBeHad(row));

/** Elsewhere a missing program only skips its own tests. */
test.skipIf(!process.env["CI"]).each(programs.map(({ name }) => name))(
  "in CI, %s is there to be tested with (`node scripts/install-tools.mjs`)",
  (name) => {
    expect(findTool(name), `${name} is missing`).toBeDefined();
  },
);
