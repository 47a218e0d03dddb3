import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";

/** Bundles a TypeScript module under `tests/` to a file that plain node runs. @returns that file */
export async function bundleForNode(source: string, directory: string): Promise<string> {
  const outfile = join(directory, `${basename(source, ".ts")}.mjs`);
  await build({
    entryPoints: [resolve(source)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
  });
  return outfile;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running node process and the promise of its end with everything it printed. */
export function startNode(
  file: string,
  ...arguments_: readonly string[]
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [file, ...arguments_], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = (async (): Promise<Ended> => {
    await once(child, "close");
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  })();
  return { child, ended };
}
