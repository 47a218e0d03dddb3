import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

function stateOf(file: string) {
  const status = lstatSync(file, { throwIfNoEntry: false });
  return status === undefined ? undefined : { mode: status.mode, inode: status.ino, text: readFileSync(file, "utf8") };
}

test("init writes through no link that a checkout brings, and makes nothing then", { timeout }, async () => {
  const { run, directory, home } = await useProject();
  const victim = join(home, "victim");
  for (const name of [".gitignore", ".gitattributes", "secrets", "secrets.enc", "mxm-secrets.yaml", ".key"]) {
    for (const exists of [false, true]) {
      // Links to a configuration, a store or a key that is there are refused as such, or read.
      if (exists && !/^\.git|^secrets$/.test(name)) continue;
      if (exists) writeFileSync(victim, "mine\n", { mode: 0o600 });
      const before = stateOf(victim);
      symlinkSync(victim, join(directory, name));
      const { status, stderr } = await run(["init"]);
      expect({ name, exists, status }).toEqual({ name, exists, status: 2 });
      expect(stderr).toContain(`${name}\` is a symbolic link, and nothing is written through it\n`);
      expect(readdirSync(directory)).toEqual([name]);
      expect(stateOf(victim)).toEqual(before);
      rmSync(victim, { force: true });
      unlinkSync(join(directory, name));
    }
  }
  mkdirSync(join(directory, ".gitattributes"));
  expect(await run(["init"])).toMatchObject({ status: 2, stderr: expect.stringContaining("is not a regular file") });
});

test("init and keys init keep the permissions of the files they add lines to", { timeout }, async () => {
  const { run, directory } = await useProject();
  const file = (name: string) => join(directory, name);
  for (const name of [".gitignore", ".gitattributes"]) {
    writeFileSync(file(name), "node_modules\n");
    chmodSync(file(name), 0o640);
  }
  expect((await run(["init"])).status).toBe(0);
  expect(readFileSync(file(".gitattributes"), "utf8")).toContain("merge=mxm-secrets");
  unlinkSync(file(".key"));
  writeFileSync(file(".gitignore"), "");
  expect((await run(["keys", "init"])).status).toBe(0);
  expect(readFileSync(file(".gitignore"), "utf8")).toContain("/.key");
  for (const name of [".gitignore", ".gitattributes"]) expect(statSync(file(name)).mode & 0o777).toBe(0o640);
});

test("keys init and mv write through no link either", { timeout }, async () => {
  const { run, directory, home } = await useProject();
  const file = (name: string) => join(directory, name);
  await run(["init"]);
  await run(["set", "first_key", "--stdin"], { input: "one" });
  const victim = join(home, "victim");
  writeFileSync(victim, "FIRST_KEY=mine\n");
  unlinkSync(file("secrets"));
  symlinkSync(victim, file("secrets"));
  expect(await run(["mv", "first_key", "second_key"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("is a symbolic link"),
  });
  expect(readFileSync(victim, "utf8")).toBe("FIRST_KEY=mine\n");
  expect((await run(["get", "first_key"])).stdout).toBe("one\n");
  unlinkSync(file(".key"));
  symlinkSync(join(home, "elsewhere"), file(".key"));
  expect(await run(["keys", "init"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("is a symbolic link"),
  });
  expect(lstatSync(join(home, "elsewhere"), { throwIfNoEntry: false })).toBeUndefined();
});
