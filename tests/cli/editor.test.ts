import { existsSync, readdirSync, writeFileSync } from "node:fs";
import type * as FileSystem from "node:fs";
import { tmpdir } from "node:os";
import { expect, test, vi } from "vitest";
import { editPrivately } from "../../src/cli/editor.js";

vi.mock("node:fs", async (original) => {
  const actual = await original<typeof FileSystem>();
  return { ...actual, writeFileSync: vi.fn<typeof actual.writeFileSync>(actual.writeFileSync) };
});

test("where there is no room for the value, that is said, and nothing is left", async () => {
  const place = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const made: string[] = [];
  vi.mocked(writeFileSync).mockImplementationOnce((file) => {
    made.push(String(file));
    throw Object.assign(new Error("canary"), { code: "ENOSPC" });
  });
  await expect(editPrivately("false", Buffer.from("canary"))).rejects.toMatchObject({
    code: "unavailable",
    message: `cannot write a file in \`${place}\`: the disk is full`,
    hint: "nothing was changed",
  });
  expect(made).toHaveLength(1);
  for (const file of made) expect(readdirSync(place).some((name) => file.startsWith(`${place}/${name}/`))).toBe(false);
});
