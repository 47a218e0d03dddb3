import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

let count = 0;

/**
 * Puts a new generation of values into a directory as kubelet does (Kubernetes, `pkg/volume/util/atomic_writer.go`): a
 * directory with the files, `..data` exchanged by a rename, a link for each name that is new, and what is no longer
 * wanted removed.
 */
export function rotate(
  volume: string,
  values: Readonly<Record<string, string | Uint8Array>>,
  { mode = 0o644, generation = `..2026_11_29_12_00_00.${(count += 1)}` } = {},
): void {
  for (const [path, value] of Object.entries(values)) {
    const file = join(volume, generation, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, value);
    chmodSync(file, mode);
  }
  symlinkSync(generation, join(volume, "..data_tmp"));
  renameSync(join(volume, "..data_tmp"), join(volume, "..data"));
  const names = new Set(Object.keys(values).map((path) => path.split("/")[0] ?? path));
  const present = readdirSync(volume).filter((name) => lstatSync(join(volume, name)).isSymbolicLink());
  for (const name of names) if (!present.includes(name)) symlinkSync(`..data/${name}`, join(volume, name));
  for (const name of present) if (!names.has(name) && name !== "..data") rmSync(join(volume, name));
}
