import { UnavailableError } from "../errors.js";

/** Where the command was started. @throws UnavailableError when that directory was removed meanwhile */
export function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new UnavailableError("the working directory is gone", { cause, hint: "go to another one, as with `cd`" });
  }
}
