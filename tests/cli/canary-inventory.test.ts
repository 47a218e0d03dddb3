import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";

test(
  "neither the inventory nor the declared types say a value, in no form and in no file",
  { timeout: 60_000 },
  async () => {
    const { canary, quietly, file, root } = await useCanary();
    const configuration = readFileSync(file("mxm-secrets.yaml"), "utf8");
    writeFileSync(file("mxm-secrets.yaml"), configuration.replace(/(first_key:\n)/, "$1    rotate_every: 1d\n"));
    for (const options of [[], ["--overdue"]]) expect(await quietly(["inventory", ...options])).toEqual([0]);
    expect(await quietly(["types"])).toEqual([0]);
    expect(await quietly(["types", "--check"])).toEqual([0]);
    expect(await quietly(["types", "-o", "-"])).toEqual([0]);
    expect(await quietly(["types", canary.value])).toEqual([2]);
    expect(await quietly(["check"])).toEqual([0]);
    expect(canary.filesWith(root)).toEqual([]);
  },
);
