import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { findConfig, requireOwnConfig } from "../../src/runtime/find-config.js";
import { useScratch } from "../support/scratch.js";

const scratch = useScratch();

function tree(...files: string[]): string {
  const root = scratch();
  for (const file of [".git/HEAD", ...files]) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), "");
  }
  fs.mkdirSync(path.join(root, "a/b/c"), { recursive: true });
  return root;
}

const find = (workingDirectory: string, environment: Record<string, string> = {}, config?: string) =>
  findConfig({ config, environment, workingDirectory });

describe("the configuration of a command", () => {
  it("is the nearest one upwards", () => {
    const root = tree("mxm-secrets.yaml", "a/mxm-secrets.yaml");
    expect(find(path.join(root, "a/b/c"))).toEqual({ file: path.join(root, "a/mxm-secrets.yaml"), source: "found" });
    expect(find(root)).toEqual({ file: path.join(root, "mxm-secrets.yaml"), source: "found" });
  });

  it("is not looked for above the root of the repository", () => {
    const root = tree("mxm-secrets.yaml", "a/.git/HEAD");
    expect(find(path.join(root, "a/b/c"))).toBeUndefined();
  });

  it("is the one given, then the one of the variable, whether or not it exists", () => {
    const root = tree("mxm-secrets.yaml");
    const environment = { MXM_SECRETS_CONFIG: "b.yaml" };
    expect(find(root, environment, "a.yaml")).toEqual({ file: path.join(root, "a.yaml"), source: "--config" });
    expect(find(root, environment)).toEqual({ file: path.join(root, "b.yaml"), source: "MXM_SECRETS_CONFIG" });
    expect(find(root, { MXM_SECRETS_CONFIG: "" })?.source).toBe("found");
  });

  it("is refused when it belongs to somebody else, unless it was given", () => {
    const file = path.join(tree("mxm-secrets.yaml"), "mxm-secrets.yaml");
    const status = fs.statSync(file);
    status.uid = 54_321;
    expect(() => requireOwnConfig({ file, source: "found" }, status)).toThrow(/belongs to another user \(uid 54321\)/);
    requireOwnConfig({ file, source: "--config" }, status);
    requireOwnConfig({ file, source: "found", owner: 54_321 }, status);
  });

  it.runIf(process.geteuid?.() === 0)(
    "is refused when a link to it, or its directory, belongs to somebody else",
    () => {
      const root = tree("mxm-secrets.yaml");
      const link = path.join(root, "a/mxm-secrets.yaml");
      fs.symlinkSync("../mxm-secrets.yaml", link);
      requireOwnConfig({ file: link, source: "found" }, fs.statSync(link));
      fs.lchownSync(link, 54_321, 54_321);
      expect(() => requireOwnConfig({ file: link, source: "found" }, fs.statSync(link))).toThrow(/uid 54321/);
      const file = path.join(root, "mxm-secrets.yaml");
      requireOwnConfig({ file, source: "found" }, fs.statSync(file));
      fs.chownSync(root, 54_321, 54_321);
      expect(() => requireOwnConfig({ file, source: "found" }, fs.statSync(file))).toThrow(/uid 54321/);
    },
  );

  it("is refused when everybody can write to it, even when it was given", () => {
    const file = path.join(tree("mxm-secrets.yaml"), "mxm-secrets.yaml");
    fs.chmodSync(file, 0o646);
    expect(() => requireOwnConfig({ file, source: "--config" }, fs.statSync(file))).toThrow(/everybody can write/);
  });
});
