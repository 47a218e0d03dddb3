import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCommand, hotSources, piecesOf } from "../../scripts/bundle.mjs";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache/mxm-secrets-test");
const millisecondsKept = 3_600_000;

/** The version the tested command says it has. */
export const testVersion = "0.0.0-test";

/**
 * The command bundled from the present sources, as it is shipped. Built once for each state of the sources, whatever
 * number of workers asks for it.
 *
 * @returns the file, executable; its parts lie beside it
 */
export async function buildCommand(): Promise<string> {
  building ??= build(join(cache, `${stateOfSources()}.cjs`));
  return building;
}

let building: Promise<string> | undefined;

async function build(file: string): Promise<string> {
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  removeOld();
  const outfile = join(cache, `${process.pid}.cjs`);
  await bundleCommand({ entry: "src/cli/entry.ts", outfile, version: testVersion, hotSources });
  const said = execFileSync(process.execPath, [outfile, "help"], { encoding: "utf8" });
  if (!said.startsWith("usage: mxm-secrets")) throw new Error("the bundled command does not run");
  // The second file first: whoever sees the command finds its parts.
  renameSync(piecesOf(outfile), piecesOf(file));
  renameSync(outfile, file);
  return file;
}

function stateOfSources(): string {
  const files = ["src", "scripts"].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file}\n${mtimeMs}\n${size}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}

function removeOld(): void {
  for (const name of readdirSync(cache)) {
    const status = statSync(join(cache, name), { throwIfNoEntry: false });
    if (status !== undefined && Date.now() - status.mtimeMs > millisecondsKept) rmSync(join(cache, name));
  }
}
