import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const rounds = 40;

test("the declarations of a command that is killed are whole or not there", { timeout: 120_000 }, async () => {
  const { run, start, directory } = await useProject();
  const names = Array.from({ length: 20_000 }, (_, index) => `name_${index}`);
  const refs = Object.fromEntries(names.map((name) => [name, { store: "override", policy: "all" }]));
  const configuration = {
    stores: { override: { backend: "env" } },
    refs,
    policies: { all: { allowed_principals: ["service"] } },
  };
  writeFileSync(join(directory, "mxm-secrets.yaml"), JSON.stringify(configuration));
  const file = join(directory, "mxm-secrets-names.d.ts");
  const started = performance.now();
  expect(await run(["types"])).toMatchObject({ status: 0 });
  // The first is killed at once. Then it moves to the moment of writing and stays around it, however quick this machine is.
  let delay = performance.now() - started;
  const whole = readFileSync(file, "utf8");
  let finished = 0;
  for (let round = 0; round < rounds; round++) {
    rmSync(file, { force: true });
    const child = start(["types"], ["ignore", "pipe", "pipe"]);
    const killing = setTimeout(() => child.kill("SIGKILL"), round === 0 ? 0 : delay);
    const { status } = await endOf(child);
    clearTimeout(killing);
    if (status === 0) finished++;
    delay *= status === 0 ? 0.9 : 1.08;
    const isThere = existsSync(file);
    const found = isThere
      ? { text: readFileSync(file, "utf8") === whole, mode: statSync(file).mode & 0o777 }
      : undefined;
    expect({ round, found }).toEqual({ round, found: isThere ? { text: true, mode: 0o644 } : undefined });
  }
  expect(finished).toBeLessThan(rounds);
});
