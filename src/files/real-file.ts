import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { errnoOf, fileError } from "./errno.js";

/** The absolute path of a file without symbolic links; the file itself need not exist, its directory must. */
export function realFile(file: string): string {
  const absolute = resolve(file);
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileError("find", file, error);
  }
  try {
    return join(realpathSync.native(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}
