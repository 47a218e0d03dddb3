import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryFileSystem } from "../../src/file-tree/grade.js";
import { getSecret } from "../../src/index.js";
import { scratchDirectory } from "../support/directory.js";

const nowhere = { PATH: "/nonexistent" };

test("without gopass, a variable has the value, and a name that no variable can have is absent", async () => {
  const lines: string[] = [];
  const options = { environment: { ...nowhere, PROD_KEY: "v" }, trace: (line: string) => lines.push(line) };
  expect(await getSecret("prod/key", options)).toBe("v");
  expect(lines).toEqual(["gopass (gopass): passed over, `gopass` is not installed", "env (env): found"]);
  expect(await getSecret("prod/other", options)).toBeUndefined();
  expect(await getSecret("2fa/token", { ...options, default: "d" })).toBe("d");
});

// In memory, any mode is accepted.
const isOnDisk = memoryFileSystem(tmpdir()) === undefined;

test.skipIf(!isOnDisk)("a file that others may read is accepted only when it is said to be", async () => {
  const file = join(scratchDirectory(), "key");
  writeFileSync(file, "v\n", { mode: 0o644 });
  const options = { environment: { ...nowhere, PROD_KEY_FILE: file } };
  await expect(getSecret("prod/key", options)).rejects.toMatchObject({ code: "unavailable" });
  expect(await getSecret("prod/key", { ...options, allowInsecurePermissions: true })).toBe("v");
});
