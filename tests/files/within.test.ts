import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findWithin, makeWithin, readWithin } from "../../src/files/within.js";
import { scratchDirectory } from "../support/directory.js";

function makeRoot() {
  const base = realpathSync(scratchDirectory());
  const root = join(base, "root");
  mkdirSync(join(root, "folder"), { recursive: true });
  writeFileSync(join(root, "folder/file"), "inside");
  writeFileSync(join(base, "outside"), "outside");
  mkdirSync(join(base, "root-beside"));
  return { base, root };
}

describe("what is below a root", () => {
  it("is found, also through links that stay there, and absent where there is nothing", () => {
    const { root } = makeRoot();
    symlinkSync("folder", join(root, "link"));
    symlinkSync("../link/file", join(root, "folder/again"));
    expect(findWithin(root, "link/again")).toBe(join(root, "folder/file"));
    for (const path of ["none", "folder/none", "folder/file/none"]) expect(findWithin(root, path)).toBeUndefined();
    expect(readWithin(root, "link/again", 6)?.toString()).toBe("inside");
    expect(readWithin(root, "none", 6)).toBeUndefined();
  });

  it.each([
    ["../outside", /leads out of/],
    ["../root-beside", /leads out of/],
    ["..", /leads out of/],
    ["/etc/passwd", /leads out of/],
    ["nowhere", /leads nowhere$/],
    ["link", /leads in a circle of symbolic links$/],
  ])("is refused through a link to %s", (target, message) => {
    const { root } = makeRoot();
    symlinkSync(target, join(root, "link"));
    expect(() => findWithin(root, "link")).toThrow(expect.objectContaining({ code: "unavailable" }));
    expect(() => readWithin(root, "link", 100)).toThrow(message);
    expect(() => makeWithin(root, "link/new")).toThrow(expect.objectContaining({ code: "unavailable" }));
  });

  it("is read up to a length", () => {
    const { root } = makeRoot();
    expect(() => readWithin(root, "folder/file", 5)).toThrow(/is longer than 5 bytes$/);
    expect(() => readWithin(root, "folder", 5)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/is not a regular file$/),
        hint: "only files belong there: move it away",
      }),
    );
  });
});

describe("directories below a root", () => {
  it("are made for this user alone, and found when they are there", () => {
    const { root } = makeRoot();
    expect(makeWithin(root, "folder/a/b")).toBe(join(root, "folder/a/b"));
    expect(statSync(join(root, "folder/a")).mode & 0o777).toBe(0o700);
    expect(makeWithin(root, "folder/a/b")).toBe(join(root, "folder/a/b"));
    expect(makeWithin(root, "")).toBe(root);
  });

  it("are not made in a file's place, nor outside", () => {
    const { base, root } = makeRoot();
    expect(() => makeWithin(root, "folder/file/a")).toThrow(expect.objectContaining({ code: "unavailable" }));
    expect(readFileSync(join(root, "folder/file"), "utf8")).toBe("inside");
    rmSync(join(base, "outside"));
    symlinkSync("../outside", join(root, "link"));
    expect(() => makeWithin(root, "link/a")).toThrow(expect.objectContaining({ code: "unavailable" }));
  });
});
