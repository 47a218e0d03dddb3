import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";

const timeout = 60_000;

test("the value of the canary does not pass, and no failure says it", { timeout }, async () => {
  const { run, canary, quiet, quietly } = await useCanary();
  const raw = Buffer.from(canary.value);
  const input = [canary.value, raw.toString("hex"), raw.toString("base64"), JSON.stringify(canary.value)].join(" ");
  expect(await quietly(["redact"], input)).toEqual([0]);
  expect(await quietly(["redact", "--role", "intern"], input)).toEqual([3]);
  expect(quiet(await run(["redact", canary.value], { input }), "as an argument")).toBe(2);
});
