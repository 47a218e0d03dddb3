import { join } from "node:path";
import { expect } from "vitest";
import { makeCanary } from "./canary.js";
import { useProject } from "./project.js";
import type { CommandEnd } from "./project.js";

/** A project with the canary in it, and a check that everything said since does not hold it. */
export async function useCanary() {
  const canary = makeCanary();
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  expect(await project.run(["set", "first_key", "--stdin"], { input: canary.value })).toMatchObject({
    status: 0,
    stdout: "",
  });
  const quiet = ({ stdout, stderr, status }: CommandEnd, what: string) => {
    expect({ what, found: [...canary.formsIn(stdout), ...canary.formsIn(stderr)] }).toEqual({ what, found: [] });
    return status;
  };
  /** Runs a command as it is, as JSON and with --verbose; none may say the value. @returns the exit codes */
  const quietly = async (argv: readonly string[], input?: string) => {
    const at = argv.includes("--") ? argv.indexOf("--") : argv.length;
    const forms = [argv, argv.toSpliced(at, 0, "--json", "--verbose")];
    const ends = await Promise.all(forms.map((words) => project.run(words, { input })));
    return [...new Set(ends.map((end) => quiet(end, argv.join(" "))))];
  };
  return { ...project, canary, file, quiet, quietly };
}
