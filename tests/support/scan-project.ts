import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { useProject } from "./project.js";

/** A project in a repository with one value and what goes with it committed. */
export async function useScanned() {
  const project = await useProject();
  const value = `token-${randomBytes(12).toString("hex")}`;
  await project.shell("git init -q -b main; git config user.name n; git config user.email n@example.org");
  await project.run(["init"]);
  await project.run(["set", "api_key", "--stdin"], { input: value });
  await project.shell("git add -A; git commit -q -m start");
  const write = (name: string, text: string) => writeFileSync(join(project.directory, name), text);
  const scan = async (...words: readonly string[]) => {
    const { status, stdout, stderr } = await project.run(["scan", ...words]);
    return { status, stdout, stderr };
  };
  return { ...project, value, write, scan };
}
