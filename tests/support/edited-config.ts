import * as fs from "node:fs";
import * as path from "node:path";
import { useScratch } from "./scratch.js";

/** Configuration files for tests of what changes them, each in a directory of its own. */
export function useConfigFiles() {
  const scratch = useScratch();
  const fileWith = (text: string): string => {
    const file = path.join(scratch(), "mxm-secrets.yaml");
    fs.writeFileSync(file, text);
    return file;
  };
  /** The text that a change leaves behind. */
  const edited = async (text: string, edit: (file: string) => Promise<unknown>): Promise<string> => {
    const file = fileWith(text);
    await edit(file);
    return fs.readFileSync(file, "utf8");
  };
  return { fileWith, edited };
}
