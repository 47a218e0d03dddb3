import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";

test("no change of format or key says the value, done or refused", { timeout: 60_000 }, async () => {
  const { run, quietly, canary, root, file } = await useCanary();
  const changes = [
    ["migrate", "--to", "fernet", "--yes"],
    ["rotate-key"],
    ["check"],
    ["explain", "first_key"],
    ["migrate"],
    ["migrate", "--to", "fernet", "--yes"],
  ];
  for (const argv of changes) {
    expect({ argv, codes: await quietly(argv) }).toEqual({ argv, codes: [0] });
    expect((await run(["get", "first_key"])).stdout).toBe(`${canary.value}\n`);
    expect(canary.filesWith(root)).toEqual([]);
  }
  const refused: readonly (readonly [number, readonly string[]])[] = [
    [2, ["keys", "list"]],
    [2, ["keys", "init"]],
    [2, ["migrate", "--to", "somewhere"]],
    [2, ["merge", "secrets.enc", "secrets.enc", "secrets.enc"]],
    [3, ["get", "first_key", "--role", "intern"]],
  ];
  for (const [code, argv] of refused) expect({ argv, codes: await quietly(argv) }).toEqual({ argv, codes: [code] });
  const token = readFileSync(file("secrets.enc"), "latin1");
  writeFileSync(file("secrets.enc"), token.replace(/.{4}$/, "AAAA"));
  for (const argv of [["get", "first_key"], ["migrate"], ["rotate-key"]]) {
    expect({ argv, codes: await quietly(argv) }).toEqual({ argv, codes: [6] });
  }
  expect(await quietly(["check"])).toEqual([7]);
  expect(await quietly(["set", "first_key", "--stdin"], canary.value)).toEqual([6]);
  expect(canary.filesWith(root)).toEqual([]);
});
