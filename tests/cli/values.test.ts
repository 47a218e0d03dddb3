import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;
const mebibyte = 1024 * 1024;

test("a value comes back byte for byte, whatever it is", { timeout }, async () => {
  const { run, directory } = await useProject();
  await run(["init"]);
  const values: readonly (readonly [string, Buffer])[] = [
    ["empty", Buffer.from("")],
    ["newlines", Buffer.from("\n\n\r\n")],
    ["nul", Buffer.from("a\0b\0")],
    ["binary", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ["bom", Buffer.from("\ufeffzürich \u202e")],
    ["yaml", Buffer.from("---\nkey: [a, &b c]\n")],
    ["large", Buffer.alloc(mebibyte, 0x5a)],
  ];
  for (const [name, value] of values) {
    writeFileSync(join(directory, name), value);
    const set =
      name === "nul" ? await run(["set", name, "--file", name]) : await run(["set", name, "--stdin"], { input: value });
    expect({ name, status: set.status, stdout: set.stdout }).toEqual({ name, status: 0, stdout: "" });
    const { bytes } = await run(["get", name, "--no-newline"]);
    expect({ name, same: bytes.equals(value) }).toEqual({ name, same: true });
  }
  expect(JSON.parse((await run(["get", "binary", "--json"])).stdout)).toEqual({
    name: "binary",
    value: values[3]?.[1].toString("base64"),
    encoding: "base64",
  });
  expect((await run(["get", "newlines"])).stdout).toBe("\n\n\r\n\n");
});

test("a value that is too large is refused with the limit, and the old one stays", { timeout }, async () => {
  const { run } = await useProject();
  await run(["init"]);
  await run(["set", "first_key", "--stdin"], { input: "before" });
  const refused = await run(["set", "first_key", "--stdin"], { input: Buffer.alloc(mebibyte + 1, 0x5a) });
  expect(refused).toMatchObject({ status: 2, stdout: "" });
  expect(refused.stderr).toBe("mxm-secrets: the value is 1048577 bytes; the `sealed` backend holds at most 1048576\n");
  expect((await run(["get", "first_key"])).stdout).toBe("before\n");
  const unnamed = await run(["set", "new_key", "--stdin"], { input: Buffer.alloc(mebibyte + 1, 0x5a) });
  expect(unnamed.status).toBe(2);
  expect((await run(["list"])).stdout).toBe("first_key\n");
});
