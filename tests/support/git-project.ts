import { useProject } from "./project.js";
import type { Project } from "./project.js";

/** An empty project in a git repository, whose user has a name to commit under. */
export async function useGitProject(): Promise<Project> {
  const project = await useProject();
  await project.shell('git init -q && git config user.name "A Test" && git config user.email test@localhost');
  return project;
}
