// Builds the library (tsc, one ESM file per source file) and the command (esbuild, one minified CommonJS file).
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { bundleCommand, hotSources } from "./bundle.mjs";

process.chdir(new URL("..", import.meta.url).pathname);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const require = createRequire(import.meta.url);

rmSync("dist", { recursive: true, force: true });
execFileSync(
  process.execPath,
  [require.resolve("typescript/package.json").replace("package.json", "bin/tsc"), "-p", "tsconfig.build.json"],
  { stdio: "inherit" },
);

execFileSync(process.execPath, ["scripts/make-schema.mjs"], { stdio: "inherit" });

await bundleCommand({
  entry: "src/cli/entry.ts",
  outfile: "dist/mxm-secrets.cjs",
  version,
  hotSources,
});
