import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listFiles } from "../../src/file-tree/list.js";
import { asNobody } from "../support/as-nobody.js";
import { scratchDirectory } from "../support/directory.js";
import { rotate } from "../support/volume.js";

const list = (root: string) => listFiles(root, undefined);

test("every file is listed by its path, sorted, hidden names too", () => {
  const root = scratchDirectory();
  mkdirSync(join(root, "db/deep"), { recursive: true });
  for (const path of ["z", "db/password", "db/deep/x", ".dockerconfigjson"]) writeFileSync(join(root, path), "");
  expect(list(root)).toEqual({ paths: [".dockerconfigjson", "db/deep/x", "db/password", "z"], leftOut: 0 });
});

test("the keys of a Kubernetes volume are listed once, without its generations", () => {
  const root = scratchDirectory();
  rotate(root, { password: "1", "db/user": "2" });
  rotate(root, { password: "3", "db/user": "4" });
  expect(list(root)).toEqual({ paths: ["db/user", "password"], leftOut: 0 });
});

test("links that lead out, nowhere or in a circle, pipes and names of no path are left out and counted", () => {
  const root = scratchDirectory();
  writeFileSync(join(root, "a"), "");
  writeFileSync(join(root, "back\\slash"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${root}/latin-`), Buffer.of(0xe9)]), "");
  symlinkSync("a", join(root, "b"));
  symlinkSync("/etc/hostname", join(root, "out"));
  symlinkSync("none", join(root, "dangling"));
  symlinkSync("circle", join(root, "circle"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  expect(list(root)).toEqual({ paths: ["a", "b"], leftOut: 6 });
});

test("directories that lead back to themselves end", () => {
  const root = scratchDirectory();
  mkdirSync(join(root, "sub"));
  writeFileSync(join(root, "sub/a"), "");
  symlinkSync("..", join(root, "sub/up"));
  symlinkSync("sub", join(root, "same"));
  expect(list(root).paths).toEqual(["same/a", "sub/a"]);
});

test("a tree of links that multiplies is refused and not walked for ever", () => {
  const root = scratchDirectory();
  for (let level = 0; level < 20; level++) {
    mkdirSync(join(root, `d${level}`));
    for (const name of ["x", "y"]) symlinkSync(`../d${level + 1}`, join(root, `d${level}`, name));
  }
  mkdirSync(join(root, "d20"));
  writeFileSync(join(root, "d20/a"), "");
  expect(() => list(root)).toThrow(/has more than 10000 symbolic links/);
});

test("a directory that is not there is not initialised, one that is closed is denied", async () => {
  const root = scratchDirectory();
  chmodSync(root, 0o755);
  expect(() => list(join(root, "none"))).toThrow(expect.objectContaining({ reason: "not_initialised" }));
  mkdirSync(join(root, "closed"), { mode: 0o000 });
  await asNobody(async () => {
    expect(() => list(join(root, "closed"))).toThrow(expect.objectContaining({ code: "denied" }));
    expect(() => list(root)).toThrow(expect.objectContaining({ code: "denied" }));
  });
  chmodSync(join(root, "closed"), 0o700);
});

test("a signal ends it", () => {
  expect(() => listFiles(scratchDirectory(), AbortSignal.abort())).toThrow(
    expect.objectContaining({ code: "cancelled" }),
  );
});
