// Builds the library (tsc, one ESM file per source file) and the command (esbuild, one minified CommonJS file).
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";

process.chdir(new URL("..", import.meta.url).pathname);
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const require = createRequire(import.meta.url);

rmSync("dist", { recursive: true, force: true });
execFileSync(
  process.execPath,
  [require.resolve("typescript/package.json").replace("package.json", "bin/tsc"), "-p", "tsconfig.build.json"],
  { stdio: "inherit" },
);

const { warnings } = await build({
  entryPoints: ["src/cli/entry.ts"],
  outfile: "dist/mxm-secrets.cjs",
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20.19",
  format: "cjs",
  legalComments: "linked",
  banner: { js: "#!/usr/bin/env node" },
  define: { "process.env.MXM_SECRETS_VERSION": JSON.stringify(version) },
});
if (warnings.length > 0) process.exit(1);
chmodSync("dist/mxm-secrets.cjs", 0o755);
