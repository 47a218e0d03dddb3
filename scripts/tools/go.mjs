import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binDirectory, findOnPath, run, versionOf } from "./places.mjs";

const oldestGo = [1, 24];

/** The packages that building a program lacks. */
export function packagesOfGo(row) {
  return isBuilt(row) || findOnPath("go").length > 0 ? [] : ["golang-go"];
}

/** Builds the pinned version of a Go program, unless it is there. @throws Error when it cannot be had */
export function buildWithGo(row, checkOnly) {
  const { name, version } = row;
  const target = join(binDirectory, name);
  if (isBuilt(row)) return { state: "found", version, place: target };
  if (checkOnly) throw new Error(`version ${version} is not installed; run \`node scripts/install-tools.mjs\``);
  requireGo();
  // Beside the target first: whoever runs the program at this moment keeps the one that was there.
  const built = `${target}.${process.pid}.new`;
  try {
    build(row, built);
    const said = versionOf(built, row);
    if (said !== version) throw new Error(`the program built says ${said ?? "nothing"}, not ${version}`);
    renameSync(built, target);
  } finally {
    rmSync(built, { force: true });
  }
  return { state: "built", version, place: target };
}

function isBuilt(row) {
  return versionOf(join(binDirectory, row.name), row) === row.version;
}

/**
 * Builds in the module's own directory rather than by `go install MODULE@VERSION`: that form also asks the module proxy
 * for the list of all versions, which a mirror may refuse although it serves the version itself.
 */
function build({ name, module, path, version, linkerFlags }, target) {
  const empty = mkdtempSync(join(tmpdir(), "mxm-tools-"));
  try {
    console.error(`building ${name} ${version}: up to three minutes`);
    const downloaded = JSON.parse(run("go", ["mod", "download", "-json", `${module}@v${version}`], empty));
    // The module cache is read-only and is no checkout: no changes to go.mod, no version stamp from git.
    const flags = ["-mod=readonly", "-buildvcs=false", "-trimpath"];
    if (linkerFlags !== undefined) flags.push(`-ldflags=${linkerFlags(version)}`);
    run("go", ["build", ...flags, "-o", target, path], downloaded.Dir, { GOFLAGS: "", GOBIN: "" });
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

function requireGo() {
  const found = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const needed = `building it takes Go ${oldestGo.join(".")} or newer`;
  if (found.error !== undefined) {
    throw new Error(`${needed}, and \`go\` is not on PATH; install it from go.dev/doc/install`);
  }
  const [major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(found.stdout)?.slice(1).map(Number) ?? [];
  const newEnough = major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1]);
  // From 1.21 on, an older `go` fetches the toolchain a module asks for by itself.
  if (newEnough || (major === 1 && minor >= 21)) return;
  throw new Error(
    `${needed}, and \`go\` here is ${found.stdout.trim()} (the package of an older Debian is too old); install it from go.dev/doc/install`,
  );
}
