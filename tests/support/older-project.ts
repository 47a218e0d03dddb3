import { join } from "node:path";
import { makeOlderStore } from "./older-store.js";
import { useProject } from "./project.js";

/** A project, and the paths of its files. */
export async function useFiles() {
  const project = await useProject();
  return { ...project, file: (name: string) => join(project.directory, name) };
}

/** A project in whose directory a store in the older format lies, not adopted yet. */
export async function useOlder(values: Readonly<Record<string, string>>) {
  const project = await useFiles();
  makeOlderStore(project.directory, values);
  return project;
}
