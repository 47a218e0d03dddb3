import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

// Each opening of the key costs a scrypt of a second or more.
test("a key under a passphrase stays under it, and so does the old one", { timeout: 120_000 }, async () => {
  const { run, directory } = await useProject();
  const env = { MXM_SECRETS_PASSPHRASE: "horse battery" };
  expect(await run(["init", "--passphrase"], { env })).toMatchObject({ status: 0 });
  expect(await run(["set", "a_key", "--stdin"], { env, input: "a" })).toMatchObject({ status: 0 });
  const wrong = { MXM_SECRETS_PASSPHRASE: "donkey battery" };
  expect(await run(["rotate-key"], { env: wrong })).toMatchObject({ status: 5 });
  const before = readFileSync(join(directory, ".key"), "latin1");
  expect(await run(["rotate-key"], { env })).toMatchObject({ status: 0 });
  const [key, old] = [".key", ".key.old"].map((name) => readFileSync(join(directory, name), "latin1"));
  for (const text of [key, old]) expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----/);
  expect(key).not.toBe(before);
  expect((await run(["get", "a_key"], { env })).stdout).toBe("a\n");
  expect(await run(["rotate-key"], { env })).toMatchObject({ status: 0 });
  expect(await run(["check"], { env })).toMatchObject({ status: 0 });
});
