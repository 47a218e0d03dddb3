import { userInfo } from "node:os";

/** The user's name as an identifier: how a new project calls the holder of its first key. `owner` for one without a name. */
export function keyholderName(): string {
  const name = userName()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_");
  return /^[a-z]/.test(name) ? name.slice(0, 64) : "owner";
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container a process may run under a number that no user has.
    return "";
  }
}
